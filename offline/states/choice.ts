import { isDeepStrictEqual } from 'node:util';
import { StateFailed } from './errors.ts';
import { readIn, type Scope } from './intrinsics.ts';
import { find, parsePath } from './paths.ts';

type Rule = Readonly<Record<string, unknown>>;
type Data = Pick<Scope, 'data' | 'context'>;

/** RFC 3339 with the capital T and Z that the Amazon States Language asks for. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

const isTimestamp = (value: unknown): value is string => typeof value === 'string' && TIMESTAMP.test(value);

type Compare = (order: number) => boolean;

const ORDERS: Readonly<Record<string, Compare>> = {
  Equals: (order) => order === 0,
  LessThan: (order) => order < 0,
  GreaterThan: (order) => order > 0,
  LessThanEquals: (order) => order <= 0,
  GreaterThanEquals: (order) => order >= 0,
};

/** What two values of a type compare as: below 0, 0 or above; undefined where they are not of the type. */
const TYPES: Readonly<Record<string, (one: unknown, other: unknown) => number | undefined>> = {
  String: (one, other) =>
    typeof one === 'string' && typeof other === 'string' ? ordered(one, other) : undefined,
  Numeric: (one, other) => (typeof one === 'number' && typeof other === 'number' ? one - other : undefined),
  Timestamp: (one, other) =>
    isTimestamp(one) && isTimestamp(other) ? Date.parse(one) - Date.parse(other) : undefined,
};

/** Tests that look at one value alone, and what they are asked for. */
const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  IsNull: (value) => value === null,
  IsString: (value) => typeof value === 'string',
  IsNumeric: (value) => typeof value === 'number',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: isTimestamp,
};

/**
 * Whether a rule of a Choice state holds. Source: Amazon States Language, "Choice State".
 *
 * @throws StateFailed where `Variable` names nothing, which only IsPresent may ask
 */
export function holds(rule: Rule, data: Data): boolean {
  if (Array.isArray(rule.And)) return rule.And.every((each) => holds(each, data));
  if (Array.isArray(rule.Or)) return rule.Or.some((each) => holds(each, data));
  if (rule.Not !== undefined) return !holds(rule.Not as Rule, data);
  const [operator, operand] = comparisonOf(rule);
  if (operator === 'IsPresent') return isPresent(String(rule.Variable), data) === operand;
  const value = readIn(String(rule.Variable), data);
  const kind = KINDS[operator];
  if (kind) return kind(value) === operand;
  if (operator === 'StringMatches') {
    return typeof value === 'string' && matches(String(operand), value);
  }
  return compares(operator, value, operator.endsWith('Path') ? readIn(String(operand), data) : operand);
}

/** @throws Error that says what is wrong with the rule */
export function checkRule(rule: Rule): void {
  const { And, Or, Not, Next: _, Comment: __, Variable } = rule;
  const inner = [And, Or, Not].filter((each) => each !== undefined);
  if (inner.length > 0) {
    for (const each of inner.flat()) checkRule(each as Rule);
    return;
  }
  pathIn(String(Variable ?? ''));
  const [operator, operand] = comparisonOf(rule);
  if (!isOperator(operator)) throw new Error(`expected a comparison, received ${operator}`);
  if (operator.endsWith('Path')) pathIn(String(operand));
}

function comparisonOf({ Variable: _, Next: __, Comment: ___, ...comparison }: Rule): [string, unknown] {
  const entries = Object.entries(comparison);
  if (entries.length === 1) return entries[0] as [string, unknown];
  throw new Error(`expected one comparison, received ${Object.keys(comparison).join(', ') || 'none'}`);
}

function isOperator(operator: string): boolean {
  if (operator === 'IsPresent' || operator === 'StringMatches' || Object.hasOwn(KINDS, operator)) return true;
  if (/^BooleanEquals(?:Path)?$/.test(operator)) return true;
  const [, type, order] = /^(String|Numeric|Timestamp)(\w+?)(?:Path)?$/.exec(operator) ?? [];
  return type !== undefined && order !== undefined && Object.hasOwn(ORDERS, order);
}

function compares(operator: string, value: unknown, operand: unknown): boolean {
  if (operator.startsWith('Boolean')) return typeof value === 'boolean' && isDeepStrictEqual(value, operand);
  const [, type = '', order = ''] = /^(String|Numeric|Timestamp)(\w+?)(?:Path)?$/.exec(operator) ?? [];
  const result = TYPES[type]?.(value, operand);
  return result !== undefined && (ORDERS[order] as Compare)(result);
}

/** `*` stands for any characters, `\\*` for a star. */
function matches(pattern: string, value: string): boolean {
  const source = pattern.replaceAll(
    /\\([*\\])|\*|[.+?^${}()|[\]\\]/g,
    (match, escaped: string | undefined) => {
      if (escaped !== undefined) return `\\${escaped}`;
      return match === '*' ? '.*' : `\\${match}`;
    },
  );
  return new RegExp(`^${source}$`, 's').test(value);
}

function isPresent(path: string, { data, context }: Data): boolean {
  const [text, at] = path.startsWith('$$') ? [path.slice(1), context] : [path, data];
  return find(parsePath(text), at) !== undefined;
}

function pathIn(text: string): void {
  parsePath(text.startsWith('$$') ? text.slice(1) : text);
}

function ordered(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** @throws StateFailed */
export function noChoice(): never {
  throw new StateFailed('States.NoChoiceMatched', 'No rule of the Choice state holds, and it has no Default');
}
