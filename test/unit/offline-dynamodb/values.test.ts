import { describe, expect, test } from 'vitest';
import { type AttributeValue, equal, itemSize } from '../../../offline/dynamodb/values.ts';

describe('an item’s size in bytes', () => {
  const sizes: [string, AttributeValue, number][] = [
    ['text in UTF-8', { S: 'äö😀' }, 8],
    ['bytes, not their base64', { B: Buffer.alloc(10).toString('base64') }, 10],
    ['a small number', { N: '7' }, 2],
    ['two digits a byte', { N: '123456' }, 4],
    ['no bytes for trailing zeros', { N: '1000000' }, 2],
    ['no bytes for leading zeros', { N: '0.0012' }, 2],
    ['one more for the sign', { N: '-12' }, 3],
    ['nought', { N: '0' }, 1],
    ['true', { BOOL: true }, 1],
    ['null', { NULL: true }, 1],
    ['an empty map', { M: {} }, 3],
    ['a map with a member', { M: { ab: { S: 'cd' } } }, 3 + 1 + 4],
    ['a list of two', { L: [{ S: 'a' }, { S: 'b' }] }, 3 + 2 + 2],
    ['a set', { SS: ['ab', 'c'] }, 3],
  ];
  test.each(sizes)('%s', (_title, value, size) => {
    expect(itemSize({ name: value })).toBe('name'.length + size);
  });
});

describe('equality', () => {
  const pairs: [string, AttributeValue, AttributeValue, boolean][] = [
    ['sets in another order', { SS: ['a', 'b'] }, { SS: ['b', 'a'] }, true],
    ['a set and a part of it', { SS: ['a', 'b'] }, { SS: ['a'] }, false],
    [
      'maps with members in another order',
      { M: { a: { N: '1' }, b: { S: 'x' } } },
      { M: { b: { S: 'x' }, a: { N: '1' } } },
      true,
    ],
    ['lists in another order', { L: [{ N: '1' }, { N: '2' }] }, { L: [{ N: '2' }, { N: '1' }] }, false],
    ['a number and the same text', { N: '1' }, { S: '1' }, false],
    ['nested lists', { L: [{ L: [{ NULL: true }] }] }, { L: [{ L: [{ NULL: true }] }] }, true],
  ];
  test.each(pairs)('%s', (_title, a, b, expected) => {
    expect(equal(a, b)).toBe(expected);
    expect(equal(b, a)).toBe(expected);
  });
});
