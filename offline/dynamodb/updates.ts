import validations from 'dynalite/validations/index.js';
import { negated, sum } from './decimal.ts';
import { invalid } from './errors.ts';
import { type Action, isPath, type Source } from './expressions.ts';
import { type AttributeValue, type Item, type Path, typeOf, valueAt } from './values.ts';

/** A value under change: a copy whose maps and lists may be written to. */
type Changing = Omit<AttributeValue, 'M' | 'L'> & {
  M?: Record<string, Changing>;
  L?: (Changing | undefined)[];
};

/**
 * The item that an update expression makes of `item`. As on AWS every operand is what it was before the update,
 * list positions included. Throws a ValidationException where a path or an operand doesn't fit the item.
 */
export function updated(item: Item, actions: readonly Action[]): Item {
  const sources = actions.map((action) => (action.type === 'set' ? resolve(item, action.val) : undefined));
  const root: Changing = { M: copy({ M: item }).M ?? {} };
  const lists = new Set<Changing>();
  actions.forEach((action, index) => {
    const parent = parentOf(root, action.path);
    if (parent.L) lists.add(parent);
    const step = action.path.at(-1) as string | number;
    put(parent, step, result(action, read(parent, step), sources[index]));
  });
  for (const list of lists) list.L = list.L?.filter((member) => member !== undefined) ?? [];
  return root.M as Item;
}

/** What stands at the path after the action; undefined removes it. */
function result(
  action: Action,
  existing: AttributeValue | undefined,
  source: AttributeValue | undefined,
): AttributeValue | undefined {
  if (action.type === 'set') return source;
  if (action.type === 'remove') return undefined;
  const type = typeOf(action.val);
  if (existing && typeOf(existing) !== type) throw wrongType();
  if (action.type === 'delete') return existing && without(existing, action.val);
  return type === 'N' ? number(sum(existing?.N ?? '0', action.val.N ?? '0')) : union(existing, action.val);
}

function resolve(item: Item, source: Source): AttributeValue {
  if (isPath(source)) return valueAt(item, source) ?? missing();
  if (!('args' in source)) return source;
  const [first, second] = source.args;
  if (source.type === 'function' && source.name === 'if_not_exists') {
    return valueAt(item, first as Path) ?? resolve(item, second);
  }
  const a = resolve(item, first);
  const b = resolve(item, second);
  if (source.type === 'function') {
    if (!a.L || !b.L) throw wrongType();
    return { L: [...a.L, ...b.L] };
  }
  if (a.N === undefined || b.N === undefined) throw wrongType();
  return number(sum(a.N, source.type === 'add' ? b.N : negated(b.N)));
}

function parentOf(root: Changing, path: Path): Changing {
  const parent = valueAt(root.M as Item, path.slice(0, -1)) as Changing | undefined;
  if (parent && (typeof path.at(-1) === 'number' ? parent.L : parent.M)) return parent;
  throw invalid('The document path provided in the update expression is invalid for update');
}

function read(parent: Changing, step: string | number): AttributeValue | undefined {
  return (typeof step === 'number' ? parent.L?.[step] : parent.M?.[step]) as AttributeValue | undefined;
}

/** A removed list member leaves a gap until all actions are done: the others keep their positions. */
function put(parent: Changing, step: string | number, value: AttributeValue | undefined): void {
  if (typeof step === 'number') {
    if (parent.L && (value || step < parent.L.length)) parent.L[step] = value && copy(value);
  } else if (parent.M) {
    if (value) parent.M[step] = copy(value);
    else delete parent.M[step];
  }
}

function without(existing: AttributeValue, removed: AttributeValue): AttributeValue | undefined {
  const type = typeOf(existing) as 'SS' | 'NS' | 'BS';
  const members = existing[type]?.filter((member) => !removed[type]?.includes(member)) ?? [];
  return members.length > 0 ? { [type]: members } : undefined;
}

function union(existing: AttributeValue | undefined, added: AttributeValue): AttributeValue {
  const type = typeOf(added) as 'SS' | 'NS' | 'BS';
  return { [type]: [...new Set([...(existing?.[type] ?? []), ...(added[type] ?? [])])] };
}

function number(value: string): AttributeValue {
  const attribute = { N: value };
  const problem = validations.validateAttributeValue(attribute);
  if (problem) throw invalid(problem);
  return attribute;
}

function copy(value: AttributeValue): Changing {
  if (value.M) {
    return { M: Object.fromEntries(Object.entries(value.M).map(([name, member]) => [name, copy(member)])) };
  }
  return value.L ? { L: value.L.map(copy) } : (value as Changing);
}

function missing(): never {
  throw invalid('The provided expression refers to an attribute that does not exist in the item');
}

function wrongType(): Error {
  return invalid('An operand in the update expression has an incorrect data type');
}
