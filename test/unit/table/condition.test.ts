import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absent,
  allOf,
  anyOf,
  before,
  type Condition,
  having,
  is,
  oneOf,
  present,
  without,
} from '../../../lib/table/condition.ts';
import { meets } from '../../../offline/dynamodb/conditions.ts';
import { parse } from '../../../offline/dynamodb/requests.ts';

type Item = Readonly<Record<string, unknown>>;

/** A condition as it is built, and as it is meant. */
interface Meant {
  readonly condition: Condition;
  readonly holds: (item: Item) => boolean;
}

// Words that DynamoDB reserves have to do as names of attributes.
const attribute = fc.constantFrom('status', 'version', 'size', 'hidden_size');
const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('a', 'b'));
const number = fc.integer({ min: 0, max: 3 });

const leaf: fc.Arbitrary<Meant> = fc.oneof(
  fc.constant({ condition: absent(), holds: (item: Item) => !('pk' in item) }),
  fc.constant({ condition: present(), holds: (item: Item) => 'pk' in item }),
  attribute.map((name) => ({ condition: having(name), holds: (item: Item) => name in item })),
  attribute.map((name) => ({ condition: without(name), holds: (item: Item) => !(name in item) })),
  fc.tuple(attribute, value).map(([name, wanted]) => ({
    condition: is(name, wanted),
    holds: (item: Item) => item[name] === wanted,
  })),
  fc.tuple(attribute, fc.array(value, { minLength: 1, maxLength: 3 })).map(([name, wanted]) => ({
    condition: oneOf(name, wanted),
    holds: (item: Item) => wanted.includes(item[name] as never),
  })),
  fc.tuple(attribute, number).map(([name, limit]) => ({
    condition: before(name, limit),
    holds: (item: Item) => typeof item[name] === 'number' && item[name] < limit,
  })),
);

const { tree } = fc.letrec<{ tree: Meant }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 2 },
    leaf,
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((parts) => ({
      condition: allOf(undefined, ...parts.map(({ condition }) => condition)),
      holds: (item: Item) => parts.every((part) => part.holds(item)),
    })),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((parts) => ({
      condition: anyOf(...parts.map(({ condition }) => condition)),
      holds: (item: Item) => parts.some((part) => part.holds(item)),
    })),
  ),
}));

const item = fc
  .option(fc.dictionary(attribute, value), { nil: undefined })
  .map((attributes): Item => (attributes ? { pk: 'THING#1', sk: 'THING', ...attributes } : {}));

/** Whether DynamoDB would carry out a write under this condition. */
function accepts({ expression, names, values }: Condition, stored: Item): boolean {
  const { _condition } = parse('DeleteItem', {
    TableName: 'things',
    Key: marshall({ pk: 'THING#1', sk: 'THING' }),
    ConditionExpression: expression,
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: marshall(values) }),
  });
  if (!_condition) throw new Error(`Expected a condition in ${expression}`);
  return meets(marshall(stored) as never, _condition.expression);
}

describe('conditions', () => {
  it('mean what they say, however they are put together, and name nothing that they do not use', () => {
    fc.assert(
      fc.property(tree, item, ({ condition, holds }, stored) => {
        expect(accepts(condition, stored)).toBe(holds(stored));
      }),
      { numRuns: 200 },
    );
  });

  it('keep two values for one attribute apart', () => {
    const either = anyOf(is('status', 'a'), is('status', 'b'));
    expect(accepts(either, { status: 'a' })).toBe(true);
    expect(accepts(either, { status: 'b' })).toBe(true);
    expect(accepts(either, { status: 'c' })).toBe(false);
  });
});
