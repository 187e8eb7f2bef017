import type { Comparator, Condition, ConditionFunction, Operand } from './expressions.ts';
import { isPath } from './expressions.ts';
import { encode } from './keys.ts';
import { type AttributeValue, equal, type Item, typeOf, valueAt } from './values.ts';

/** Whether an item (empty where there is none) meets a condition or filter expression. */
export function meets(item: Item, condition: Condition): boolean {
  switch (condition.type) {
    case 'and':
      return condition.args.every((part) => meets(item, part));
    case 'or':
      return condition.args.some((part) => meets(item, part));
    case 'not':
      return !meets(item, condition.args[0]);
  }
  const [first, ...others] = condition.args.map((operand) => resolve(item, operand));
  switch (condition.type) {
    case 'function':
      return call(condition.name, first, others[0]);
    case 'in':
      return others.some((other) => first !== undefined && equal(first, other));
    case 'between':
      return compare('>=', first, others[0]) && compare('<=', first, others[1]);
    default:
      return compare(condition.type, first, others[0]);
  }
}

function resolve(item: Item, operand: Operand): AttributeValue | undefined {
  if (isPath(operand)) return valueAt(item, operand);
  if ('type' in operand) return sizeOf(resolve(item, operand.args[0]));
  return operand;
}

/** Two values of different types, or of a type without an order, are neither smaller nor larger. */
function compare(
  comparator: Comparator,
  a: AttributeValue | undefined,
  b: AttributeValue | undefined,
): boolean {
  if (comparator === '=') return a !== undefined && equal(a, b);
  if (comparator === '<>') return !equal(a, b);
  if (!a || !b || typeOf(a) !== typeOf(b) || !['S', 'N', 'B'].includes(typeOf(a))) return false;
  const left = encode(a);
  const right = encode(b);
  if (comparator === '<') return left < right;
  if (comparator === '<=') return left <= right;
  if (comparator === '>') return left > right;
  return left >= right;
}

function call(
  name: ConditionFunction,
  value: AttributeValue | undefined,
  argument: AttributeValue | undefined,
): boolean {
  switch (name) {
    case 'attribute_exists':
      return value !== undefined;
    case 'attribute_not_exists':
      return value === undefined;
    case 'attribute_type':
      return value !== undefined && typeOf(value) === argument?.S;
    case 'begins_with':
      return beginsWith(value, argument);
    case 'contains':
      return contains(value, argument);
  }
}

function beginsWith(value: AttributeValue | undefined, start: AttributeValue | undefined): boolean {
  if (value?.S !== undefined && start?.S !== undefined) return value.S.startsWith(start.S);
  if (value?.B === undefined || start?.B === undefined) return false;
  const bytes = Buffer.from(start.B, 'base64');
  return Buffer.from(value.B, 'base64').subarray(0, bytes.length).equals(bytes);
}

function contains(value: AttributeValue | undefined, part: AttributeValue | undefined): boolean {
  if (!value || !part) return false;
  if (value.L) return value.L.some((member) => equal(member, part));
  if (part.S !== undefined) return (value.S ?? value.SS)?.includes(part.S) ?? false;
  if (part.N !== undefined) return value.NS?.includes(part.N) ?? false;
  if (part.B === undefined) return false;
  if (value.BS) return value.BS.includes(part.B);
  return value.B !== undefined && Buffer.from(value.B, 'base64').includes(Buffer.from(part.B, 'base64'));
}

function sizeOf(value: AttributeValue | undefined): AttributeValue | undefined {
  const size =
    value?.S?.length ??
    (value?.B === undefined ? undefined : Buffer.byteLength(value.B, 'base64')) ??
    (value?.SS ?? value?.NS ?? value?.BS ?? value?.L)?.length ??
    (value?.M && Object.keys(value.M).length);
  return size === undefined ? undefined : { N: String(size) };
}
