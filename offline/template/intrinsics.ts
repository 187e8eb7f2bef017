import { TemplateError } from './template.ts';

/** What an intrinsic function may ask about the rest of the template. `where` is for error messages. */
export interface Scope {
  ref(name: string, where: string): unknown;
  attribute(logicalId: string, attribute: string, where: string): unknown;
  condition(name: string, where: string): boolean;
  mapping(map: string, top: string, second: string, where: string): unknown;
  readonly region: string;
}

/** What `Ref: AWS::NoValue` gives: the property or list item that holds it is left out. */
export const noValue: unique symbol = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, scope: Scope, where: string) => unknown;

/**
 * Replaces every intrinsic function in `value` by what it stands for.
 * Throws a TemplateError that names the place where that isn't possible.
 */
export function evaluate(value: unknown, scope: Scope, where: string): unknown {
  if (Array.isArray(value)) return evaluateList(value, scope, where);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries.length === 1 ? (entries[0] as [string, unknown]) : ['', undefined];
  const intrinsic = intrinsics[name];
  if (intrinsic) return intrinsic(argument, scope, `${where}.${name}`);
  if (name.startsWith('Fn::')) throw new TemplateError(where, `${name} is not supported here`);
  const resolved = entries.map(([key, item]) => [key, evaluate(item, scope, `${where}.${key}`)] as const);
  return Object.fromEntries(resolved.filter(([, item]) => item !== noValue));
}

/** The truth of a condition's expression: Fn::Equals, And, Or, Not or the name of another condition. */
export function evaluateCondition(expression: unknown, scope: Scope, where: string): boolean {
  const result = evaluate(expression, scope, where);
  if (result === true || result === 'true') return true;
  if (result === false || result === 'false') return false;
  throw new TemplateError(where, `a condition is true or false, received ${JSON.stringify(result)}`);
}

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, scope, where) => scope.ref(text(name, where), where),
  Condition: (name, scope, where) =>
    typeof name === 'string' ? scope.condition(name, where) : { Condition: evaluate(name, scope, where) },
  'Fn::GetAtt': getAtt,
  'Fn::Sub': sub,
  'Fn::Join': (argument, scope, where) => {
    const [separator, items] = list(argument, 2, where);
    return texts(evaluate(items, scope, where), where).join(text(separator, where));
  },
  'Fn::Split': (argument, scope, where) => {
    const [separator, source] = list(argument, 2, where);
    return text(evaluate(source, scope, where), where).split(text(separator, where));
  },
  'Fn::Select': (argument, scope, where) => {
    const [index, items] = list(argument, 2, where);
    const position = Number(evaluate(index, scope, where));
    const choices = list(evaluate(items, scope, where), undefined, where);
    if (position in choices) return choices[position];
    throw new TemplateError(where, `expected an index below ${choices.length}, received ${position}`);
  },
  'Fn::FindInMap': (argument, scope, where) => {
    const [map, top, second] = texts(evaluate(list(argument, 3, where), scope, where), where);
    return scope.mapping(map as string, top as string, second as string, where);
  },
  'Fn::If': (argument, scope, where) => {
    const [name, whenTrue, whenFalse] = list(argument, 3, where);
    const chosen = scope.condition(text(name, where), where);
    return evaluate(chosen ? whenTrue : whenFalse, scope, `${where}.${chosen ? 1 : 2}`);
  },
  'Fn::Equals': (argument, scope, where) => {
    const [left, right] = list(evaluate(list(argument, 2, where), scope, where), 2, where);
    return String(left) === String(right);
  },
  'Fn::And': (argument, scope, where) =>
    list(argument, undefined, where).every((item) => evaluateCondition(item, scope, where)),
  'Fn::Or': (argument, scope, where) =>
    list(argument, undefined, where).some((item) => evaluateCondition(item, scope, where)),
  'Fn::Not': (argument, scope, where) => !evaluateCondition(list(argument, 1, where)[0], scope, where),
  'Fn::Base64': (argument, scope, where) =>
    Buffer.from(text(evaluate(argument, scope, where), where)).toString('base64'),
  'Fn::GetAZs': (_argument, scope) => ['a', 'b', 'c'].map((zone) => `${scope.region}${zone}`),
  'Fn::ToJsonString': (argument, scope, where) => JSON.stringify(evaluate(argument, scope, where)),
  'Fn::ImportValue': (name, scope, where) => {
    const exported = JSON.stringify(evaluate(name, scope, where));
    throw new TemplateError(
      where,
      `imports ${exported} from another stack, and there is no other stack here`,
    );
  },
};

function getAtt(argument: unknown, scope: Scope, where: string): unknown {
  const parts = typeof argument === 'string' ? argument.split('.') : texts(argument, where);
  const [logicalId, ...attribute] = parts;
  if (!logicalId || attribute.length === 0) {
    throw new TemplateError(
      where,
      `expected a resource and an attribute, received ${JSON.stringify(argument)}`,
    );
  }
  return scope.attribute(logicalId, attribute.join('.'), where);
}

function sub(argument: unknown, scope: Scope, where: string): string {
  const [pattern, variables] =
    typeof argument === 'string' ? [argument, {}] : (list(argument, 2, where) as [unknown, object]);
  const own = evaluate(variables, scope, where) as Record<string, unknown>;
  return text(pattern, where).replace(/\$\{(!?)([^}]*)\}/g, (_whole, literal: string, inner: string) => {
    if (literal) return `\${${inner}}`;
    const name = inner.trim();
    if (Object.hasOwn(own, name)) return text(own[name], where);
    return text(name.includes('.') ? getAtt(name, scope, where) : scope.ref(name, where), where);
  });
}

function evaluateList(items: readonly unknown[], scope: Scope, where: string): unknown[] {
  return items
    .map((item, index) => evaluate(item, scope, `${where}.${index}`))
    .filter((item) => item !== noValue);
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TemplateError(where, `expected a string, received ${JSON.stringify(value) ?? String(value)}`);
}

function texts(value: unknown, where: string): string[] {
  return list(value, undefined, where).map((item) => text(item, where));
}

function list(value: unknown, length: number | undefined, where: string): unknown[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return value;
  const expected = length === undefined ? 'a list' : `a list of ${length}`;
  throw new TemplateError(where, `expected ${expected}, received ${JSON.stringify(value)}`);
}
