import type { BoundFilter, Comparison, Condition, Expression, Operand } from './expression.ts';

/** Fields in upper case; values are numbers, texts, or several texts of a categorical field. */
export type Fields = Readonly<Record<string, unknown>>;

/** What one candidate is judged by. */
export interface FilterContext {
  /** What the items dataset has on it, or undefined if nothing. */
  readonly item: Fields | undefined;
  readonly user: Fields | undefined;
  /** What the items dataset has on the item that others are to be like. */
  readonly currentItem?: Fields | undefined;
  /** Types of this user's interactions with the item, of the last 100 of each type. */
  readonly eventTypes: readonly string[];
}

type Value = number | string;

/**
 * Whether the candidate may stay: where something includes, one of the including expressions has to hold, and none of
 * the excluding ones may. An expression whose IF doesn't hold of the user doesn't count. A field without a value is in
 * no list and equals nothing; `NOT IN` and `!=` hold wherever `IN` and `=` don't.
 */
export function applies(filter: BoundFilter, context: FilterContext): boolean {
  const counting = filter.expressions.filter(({ onlyIf }) => onlyIf.every((one) => holds(one, context)));
  const meets = ({ where }: Expression) =>
    where.some((conditions) => conditions.every((one) => holds(one, context)));
  const including = counting.filter(({ action }) => action === 'INCLUDE');
  if (including.length > 0 && !including.some(meets)) return false;
  return !counting.some((expression) => expression.action === 'EXCLUDE' && meets(expression));
}

function holds(condition: Condition, context: FilterContext): boolean {
  const { dataset, field, operator, operands } = condition;
  const others = operands.flatMap((operand) => valuesOf(operand, context));
  if (dataset === 'Interactions') return hasEvent(context.eventTypes, others) === (operator === 'IN');
  const own = valuesAt(dataset === 'Items' ? context.item : context.user, field);
  switch (operator) {
    case 'IN':
      return own.some((value) => others.includes(value));
    case 'NOT IN':
      return !own.some((value) => others.includes(value));
    default:
      return compares(own, operator, others);
  }
}

/** Types of events are the only values that are compared without regard to case. */
function hasEvent(eventTypes: readonly string[], asked: readonly Value[]): boolean {
  if (asked.includes('*')) return eventTypes.length > 0;
  const types = new Set(eventTypes.map((type) => type.toLowerCase()));
  return asked.some((type) => types.has(String(type).toLowerCase()));
}

function compares(own: readonly Value[], operator: Comparison, others: readonly Value[]): boolean {
  const some = (compare: (one: number, other: number) => boolean) =>
    own.some((one) =>
      others.some((other) => typeof one === 'number' && typeof other === 'number' && compare(one, other)),
    );
  const areEqual = () => own.some((one) => others.some((other) => equal(one, other)));
  switch (operator) {
    case '=':
      return areEqual();
    case '!=':
      return !areEqual();
    case '<':
      return some((one, other) => one < other);
    case '<=':
      return some((one, other) => one <= other);
    case '>':
      return some((one, other) => one > other);
    case '>=':
      return some((one, other) => one >= other);
  }
}

/** A value of a request doesn't say whether `"5"` is meant as text: it equals the number 5 as well. */
function equal(one: Value, other: Value): boolean {
  if (typeof one === typeof other) return one === other;
  return String(one) === String(other);
}

function valuesOf(operand: Operand, { currentItem }: FilterContext): readonly Value[] {
  switch (operand.kind) {
    case 'text':
      return [operand.text];
    case 'number':
      return [operand.number];
    case 'current-item':
      return valuesAt(currentItem, operand.field);
    case 'parameter':
      throw new TypeError(`Expected a bound filter, got one with the parameter ${operand.name}.`);
  }
}

function valuesAt(fields: Fields | undefined, field: string): readonly Value[] {
  const value = fields && Object.hasOwn(fields, field) ? fields[field] : undefined;
  return (Array.isArray(value) ? value : [value]).filter(
    (one): one is Value => typeof one === 'string' || typeof one === 'number',
  );
}
