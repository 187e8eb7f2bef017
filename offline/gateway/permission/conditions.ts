import type { ConditionKey } from './condition-key.ts';
import { conditionKey } from './condition-keys.ts';
import { PolicyError } from './errors.ts';
import { type Operator, operators, type Test, type ValueOptions } from './operators.ts';
import type { Facts } from './pattern.ts';

/** Whether a statement's condition holds for a request. */
export type Condition = (facts: Facts) => boolean;

/** A condition as a policy has it: operator, key, value or values. */
export type ConditionBlock = Readonly<
  Record<string, Readonly<Record<string, ConditionValue | readonly ConditionValue[]>>>
>;

type ConditionValue = string | number | boolean;

const OPERATOR = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/;

/**
 * Reads a statement's condition: every operator and key of it must hold. Without a key in the request, IAM's
 * operators are false, the negated ones and `...IfExists` true, `ForAllValues` true and `ForAnyValue` false.
 * @throws PolicyError for an operator, key or value that can't be judged
 */
export function compileConditions(block: ConditionBlock, variables: boolean, where: string): Condition {
  const conditions = Object.entries(block).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, given]) => {
      const place = `${where}.${operator}.${key}`;
      const values = [given].flat().map(String);
      if (values.length === 0) throw new PolicyError(place, 'expected at least one value');
      const options = {
        variables,
        checkVariable: (name: string) => checkVariable(name, place),
        where: place,
      };
      return compileCondition(operator, key.toLowerCase(), values, options);
    }),
  );
  return (facts) => conditions.every((holds) => holds(facts));
}

/** Whether a variable may stand for this key: it must be known and have one value. */
export function checkVariable(key: string, where: string): void {
  if (known(key, where).many) throw new PolicyError(where, `${key} has many values and can't be a variable`);
}

function compileCondition(
  name: string,
  key: string,
  values: readonly string[],
  options: ValueOptions,
): Condition {
  const { where } = options;
  const { many } = known(key, where);
  const [, set, base = '', ifExists] = OPERATOR.exec(name) ?? [];
  if (name === 'Null') return isNull(key, values, where);
  const operator = operators.get(base);
  if (!operator) throw new PolicyError(where, `the operator ${name} is not known here`);
  if (many && !set) {
    throw new PolicyError(where, `${key} has many values: expected ForAllValues or ForAnyValue`);
  }
  const fits = fitting(
    operator,
    values.map((value) => operator.test(value, options)),
  );
  const whenAbsent = ifExists || set ? ifExists !== undefined || set === 'ForAllValues' : operator.negated;
  return (facts) => {
    const given = facts(key);
    if (given === undefined || given.length === 0) return whenAbsent;
    return set === 'ForAnyValue'
      ? given.some((value) => fits(value, facts))
      : given.every((value) => fits(value, facts));
  };
}

/** Several values of a policy are alternatives; negated, none of them may fit. */
function fitting({ negated }: Operator, tests: readonly Test[]): Test {
  return (value, facts) => tests.some((test) => test(value, facts)) !== negated;
}

function isNull(key: string, values: readonly string[], where: string): Condition {
  const wanted = values.map((value) => value.toLowerCase());
  if (wanted.some((value) => value !== 'true' && value !== 'false')) {
    throw new PolicyError(where, `expected true or false, received "${values.join(', ')}"`);
  }
  return (facts) => wanted.includes(String(facts(key) === undefined));
}

function known(key: string, where: string): ConditionKey {
  const found = conditionKey(key);
  if (found) return found;
  throw new PolicyError(where, `the condition key ${key} is not offered by the local AWS`);
}
