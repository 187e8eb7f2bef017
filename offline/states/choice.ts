import { isDeepStrictEqual } from 'node:util';
import { runtimeError, StateFailed } from './errors.ts';
import { lookUp, type Scope } from './intrinsics.ts';
import { parsePath } from './paths.ts';

type Rule = Readonly<Record<string, unknown>>;
type Data = Pick<Scope, 'data' | 'context'>;

/** RFC 3339 with the capital T and Z that the Amazon States Language asks for. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

export function isTimestamp(value: unknown): value is string {
  return typeof value === 'string' && TIMESTAMP.test(value) && !Number.isNaN(Date.parse(value));
}

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
  if (operator === 'IsPresent') return (lookUp(String(rule.Variable), data) !== undefined) === operand;
  const value = present(String(rule.Variable), data);
  const kind = KINDS[operator];
  if (kind) return kind(value) === operand;
  if (operator === 'StringMatches') {
    return typeof value === 'string' && matches(String(operand), value);
  }
  return compares(operator, value, operator.endsWith('Path') ? present(String(operand), data) : operand);
}

/**
 * @param isInner whether it stands within And, Or or Not, where nothing is named that follows
 * @throws Error that says what is wrong with the rule
 */
export function checkRule(rule: Rule, isInner = false): void {
  const { And, Or, Not, Next, Comment: _, ...others } = rule;
  if (isInner && Next !== undefined) throw new Error('Next belongs to the outermost rule');
  const inner = Object.entries({ And, Or, Not }).filter(([, each]) => each !== undefined);
  if (inner.length === 0) {
    checkComparison(rule);
    return;
  }
  const [name, given] = inner[0] as [string, unknown];
  const rules = name === 'Not' ? [given] : given;
  if (!Array.isArray(rules) || rules.length === 0 || !rules.every(isRule)) {
    throw new Error(`expected ${name === 'Not' ? 'a rule' : 'rules'} in ${name}`);
  }
  const unknown = [...inner.slice(1).map(([other]) => other), ...Object.keys(others)];
  if (unknown.length > 0) throw new Error(`${name} stands alone, received ${unknown.join(', ')} beside it`);
  for (const each of rules) checkRule(each, true);
}

function checkComparison(rule: Rule): void {
  pathIn(rule.Variable);
  const [operator, operand] = comparisonOf(rule);
  if (!isOperator(operator)) throw new Error(`expected a comparison, received ${operator}`);
  if (operator.endsWith('Path')) pathIn(operand);
  else if (!isOperand(operator, operand)) {
    throw new Error(`${operator} can't compare with ${JSON.stringify(operand)}`);
  }
}

function isOperand(operator: string, operand: unknown): boolean {
  if (/^(Is|Boolean)/.test(operator)) return typeof operand === 'boolean';
  if (operator.startsWith('Numeric')) return typeof operand === 'number';
  return operator.startsWith('Timestamp') ? isTimestamp(operand) : typeof operand === 'string';
}

function isRule(value: unknown): value is Rule {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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

function present(path: string, data: Data): unknown {
  const value = lookUp(path, data);
  if (value !== undefined) return value;
  throw runtimeError(
    `Invalid path '${path}': The choice state's condition path references an invalid value.`,
  );
}

function pathIn(text: unknown): void {
  if (typeof text !== 'string') throw new Error(`expected a path, received ${JSON.stringify(text)}`);
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
