import { describe, expect, test } from 'vitest';
import { freshPartition, givenTable, TableName } from './table.ts';

const table = givenTable();

type Values = Record<string, unknown>;

async function givenItem(more: Values): Promise<{ pk: string; sk: string }> {
  const key = { pk: freshPartition(), sk: 's' };
  await table.db.put({ TableName, Item: { ...key, ...more } });
  return key;
}

describe('an update makes of', () => {
  const updates: [string, Values, string, Values | undefined, Values][] = [
    ['nothing a value', {}, 'SET a = :v', { ':v': 'x' }, { a: 'x' }],
    ['a value another', { a: 1 }, 'SET a = :v', { ':v': [1, { b: true }] }, { a: [1, { b: true }] }],
    ['a number a larger one', { n: 1 }, 'SET n = n + :v', { ':v': 41 }, { n: 42 }],
    ['a number a smaller one', { n: 1.5 }, 'SET n = n - :v', { ':v': 2 }, { n: -0.5 }],
    [
      'nothing a start, and of a start more',
      {},
      'SET n = if_not_exists(n, :z) + :v',
      { ':z': 10, ':v': 1 },
      { n: 11 },
    ],
    ['a present value itself', { n: 5 }, 'SET n = if_not_exists(n, :z)', { ':z': 10 }, { n: 5 }],
    ['two values each other', { a: 1, b: 2 }, 'SET a = b, b = a', undefined, { a: 2, b: 1 }],
    ['a list a longer one', { l: [1] }, 'SET l = list_append(l, :v)', { ':v': [2] }, { l: [1, 2] }],
    [
      'a list one that begins earlier',
      { l: [1] },
      'SET l = list_append(:v, l)',
      { ':v': [0] },
      { l: [0, 1] },
    ],
    [
      'nothing a list',
      {},
      'SET l = list_append(if_not_exists(l, :e), :v)',
      { ':e': [], ':v': [2] },
      { l: [2] },
    ],
    ['a member of a map another', { m: { a: 1, b: 2 } }, 'SET m.a = :v', { ':v': 9 }, { m: { a: 9, b: 2 } }],
    ['a member of a list another', { l: [1, 2] }, 'SET l[0] = :v', { ':v': 9 }, { l: [9, 2] }],
    ['a place far behind a list its end', { l: [1] }, 'SET l[7] = :v', { ':v': 2 }, { l: [1, 2] }],
    [
      'list members none, by their old places',
      { l: [0, 1, 2, 3] },
      'REMOVE l[0], l[2]',
      undefined,
      { l: [1, 3] },
    ],
    [
      'a removed and a set place what their old places say',
      { l: [0, 1, 2] },
      'REMOVE l[0] SET l[2] = :v',
      { ':v': 9 },
      { l: [1, 9] },
    ],
    ['a copy a value of its own', { m: { a: 1 } }, 'SET c = m', undefined, { m: { a: 1 }, c: { a: 1 } }],
    ['attributes none', { a: 1, b: 2 }, 'REMOVE a, absent', undefined, { b: 2 }],
    ['nothing a number', {}, 'ADD n :v', { ':v': 3 }, { n: 3 }],
    ['a number a sum', { n: 4 }, 'ADD n :v', { ':v': -3 }, { n: 1 }],
    [
      'a set a union',
      { s: new Set(['a']) },
      'ADD s :v',
      { ':v': new Set(['a', 'b']) },
      { s: new Set(['a', 'b']) },
    ],
    [
      'a set a difference',
      { s: new Set(['a', 'b']) },
      'DELETE s :v',
      { ':v': new Set(['b']) },
      { s: new Set(['a']) },
    ],
    ['an emptied set nothing', { s: new Set([1]) }, 'DELETE s :v', { ':v': new Set([1]) }, {}],
    [
      'several sections one item',
      { a: 1, b: 2, n: 1 },
      'SET a = :v REMOVE b ADD n :v',
      { ':v': 5 },
      { a: 5, n: 6 },
    ],
  ];
  test.each(updates)('%s', async (_title, before, UpdateExpression, values, expected) => {
    const Key = await givenItem(before);
    const answer = await table.db.update({
      TableName,
      Key,
      UpdateExpression,
      ...(values && { ExpressionAttributeValues: values }),
      ReturnValues: 'ALL_NEW',
    });
    expect(answer.Attributes).toEqual({ ...Key, ...expected });
    const { Item } = await table.db.get({ TableName, Key, ConsistentRead: true });
    expect(Item).toEqual({ ...Key, ...expected });
  });
});

describe('a condition', () => {
  const item = {
    n: 5,
    s: 'hello',
    b: Buffer.from([1, 2, 3]),
    flag: true,
    nothing: null,
    tags: new Set(['a', 'b']),
    chain: [1, 'two', { three: 3 }],
    tree: { in: { side: 1 } },
  };
  const v = (value: unknown, other?: unknown) => ({
    ':v': value,
    ...(other !== undefined && { ':w': other }),
  });
  const conditions: [string, Values | undefined, boolean][] = [
    ['attribute_exists(n)', undefined, true],
    ['attribute_exists(absent)', undefined, false],
    ['attribute_not_exists(absent)', undefined, true],
    ['attribute_not_exists(#tree.#in.side)', undefined, false],
    ['attribute_exists(chain[2].three)', undefined, true],
    ['attribute_exists(chain[9])', undefined, false],
    ['n = :v', v(5), true],
    ['n = :v', v('5'), false],
    ['n <> :v', v(4), true],
    ['absent <> :v', v(4), true],
    ['absent = :v', v(4), false],
    ['n < :v', v(10), true],
    ['n < :v', v('6'), false],
    ['n >= :v AND n <= :v', v(5), true],
    ['absent < :v', v(5), false],
    ['s > :v', v('hell'), true],
    ['n BETWEEN :v AND :w', v(5, 6), true],
    ['n BETWEEN :v AND absent', v(5), false],
    ['n IN (:v, :w)', v(1, 5), true],
    ['absent IN (:v)', v(1), false],
    ['begins_with(s, :v)', v('hel'), true],
    ['begins_with(s, :v)', v('el'), false],
    ['begins_with(b, :v)', v(Buffer.from([1, 2])), true],
    ['contains(s, :v)', v('ell'), true],
    ['contains(tags, :v)', v('b'), true],
    ['contains(chain, :v)', v({ three: 3 }), true],
    ['contains(b, :v)', v(Buffer.from([2, 3])), true],
    ['contains(tags, :v)', v(1), false],
    ['attribute_type(tags, :v)', v('SS'), true],
    ['attribute_type(nothing, :v)', v('NULL'), true],
    ['attribute_type(n, :v)', v('S'), false],
    ['size(s) = :v', v(5), true],
    ['size(b) = :v', v(3), true],
    ['size(chain) > :v', v(3), false],
    ['size(absent) = :v', v(0), false],
    ['#tree = :v', v({ in: { side: 1 } }), true],
    ['tags = :v', v(new Set(['b', 'a'])), true],
    ['NOT n = :v', v(5), false],
    ['flag = :v OR (n = :w AND NOT attribute_exists(s))', v(false, 5), false],
    ['n = :v OR s = :w AND n = :w', v(5, 'x'), true],
  ];
  test.each(conditions)('%s with %o is %s', async (ConditionExpression, values, expected) => {
    const Key = await givenItem(item);
    const names = { '#tree': 'tree', '#in': 'in' };
    const used = Object.entries(names).filter(([name]) => ConditionExpression.includes(name));
    const done = await table.db
      .delete({
        TableName,
        Key,
        ConditionExpression,
        ...(used.length > 0 && { ExpressionAttributeNames: Object.fromEntries(used) }),
        ...(values && { ExpressionAttributeValues: values }),
      })
      .then(
        () => true,
        (error: Error) => {
          expect(error.name).toBe('ConditionalCheckFailedException');
          return false;
        },
      );
    expect(done).toBe(expected);
    expect((await table.db.get({ TableName, Key })).Item !== undefined).toBe(!expected);
  });
});
