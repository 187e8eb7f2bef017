import {
  type BoundFilter,
  type Condition,
  type Expression,
  type Filter,
  FilterRefused,
  type Operand,
} from './expression.ts';

/** Source: `FilterValues`, `FilterAttributeName` and `FilterAttributeValue` of the runtime's model. */
const MAX_VALUES = 25;
const MAX_NAME = 50;
const MAX_LENGTH = 1_000;

const TEXTS = /^\s*"[^"]*"(?:\s*,\s*"[^"]*")*\s*$/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/**
 * Gives a filter's parameters the values of a request: texts in double quotes with commas between them, or a number.
 * An INCLUDE needs all of its parameters. A condition of an EXCLUDE whose parameter is missing is left out; where it
 * is one about the user the whole expression is, since nobody can be said to meet it.
 * @throws FilterRefused
 */
export function bindFilter(filter: Filter, filterValues: Readonly<Record<string, string>>): BoundFilter {
  const values = new Map(Object.entries(filterValues));
  if (values.size > MAX_VALUES) {
    throw new FilterRefused(`Expected at most ${MAX_VALUES} filter values, got ${values.size}.`);
  }
  for (const [name, value] of values) {
    if (!filter.parameters.includes(name)) {
      const known = filter.parameters.join(', ') || 'none';
      throw new FilterRefused(
        `Expected values of the filter's parameters (${known}), got ${name.slice(0, MAX_NAME)}.`,
      );
    }
    if (value.length > MAX_LENGTH) {
      throw new FilterRefused(`Expected at most ${MAX_LENGTH} characters for ${name}, got ${value.length}.`);
    }
  }
  return {
    expressions: filter.expressions.flatMap((expression) => boundExpression(expression, values) ?? []),
  };
}

function boundExpression(
  expression: Expression,
  values: ReadonlyMap<string, string>,
): Expression | undefined {
  const isMissing = ({ operands }: Condition) => missingFrom(operands, values) !== undefined;
  const { action, where, onlyIf } = expression;
  const missing = missingFrom(
    [...where.flat(), ...onlyIf].flatMap(({ operands }) => operands),
    values,
  );
  if (action === 'INCLUDE' && missing !== undefined) {
    throw new FilterRefused(`Expected a value for ${missing}: an INCLUDE needs all of its parameters.`);
  }
  if (onlyIf.some(isMissing)) return undefined;
  const bound = (conditions: readonly Condition[]) =>
    conditions.filter((one) => !isMissing(one)).map((one) => boundCondition(one, values));
  return {
    action,
    where: where.map(bound).filter((conditions) => conditions.length > 0),
    onlyIf: bound(onlyIf),
  };
}

/** The name of the first parameter that has no value. */
function missingFrom(operands: readonly Operand[], values: ReadonlyMap<string, string>): string | undefined {
  return operands.flatMap((one) => (one.kind === 'parameter' && !values.has(one.name) ? one.name : []))[0];
}

function boundCondition(condition: Condition, values: ReadonlyMap<string, string>): Condition {
  const { operator } = condition;
  const operands = condition.operands.flatMap((operand): Operand[] => {
    if (operand.kind !== 'parameter') return [operand];
    const value = values.get(operand.name) as string;
    if (operator === 'IN') return textsOf(operand.name, value).map((text) => ({ kind: 'text', text }));
    return [comparedWith(operand.name, value, operator === '=' || operator === '!=')];
  });
  return { ...condition, operands };
}

/** `"cat","dog"` */
function textsOf(name: string, value: string): string[] {
  if (!TEXTS.test(value)) {
    throw new FilterRefused(
      `Expected texts in double quotes with commas between them for ${name}, got ${value}.`,
    );
  }
  return Array.from(value.matchAll(/"([^"]*)"/g), ([, text]) => text as string);
}

/** `12.5`, `"12.5"` or, where it can be equal, `"cat"`. */
function comparedWith(name: string, value: string, takesText: boolean): Operand {
  const plain = value.trim();
  if (NUMBER.test(plain)) return { kind: 'number', number: Number(plain) };
  const texts = TEXTS.test(value) ? textsOf(name, value) : [];
  const [text = ''] = texts;
  if (texts.length === 1 && takesText) return { kind: 'text', text };
  if (texts.length === 1 && NUMBER.test(text)) return { kind: 'number', number: Number(text) };
  throw new FilterRefused(
    `Expected one number${takesText ? ' or text in double quotes' : ''} for ${name}, got ${value}.`,
  );
}
