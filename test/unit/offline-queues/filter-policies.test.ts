import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../../offline/patterns.ts';
import { compileFilter } from '../../../offline/sns/filter.ts';
import type { Attribute, Notification } from '../../../offline/sns/message.ts';

type Values = Record<string, string | number | string[] | Uint8Array>;

function notification(values: Values, message = 'text'): Notification {
  const attributes = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, attribute(value)]),
  );
  return { messageId: '1', topicArn: 'arn', message, attributes, publishedAt: 0 };
}

function attribute(value: Values[string]): Attribute {
  if (typeof value === 'number') return { DataType: 'Number', StringValue: String(value) };
  if (typeof value === 'string') return { DataType: 'String', StringValue: value };
  if (Array.isArray(value)) return { DataType: 'String.Array', StringValue: JSON.stringify(value) };
  return { DataType: 'Binary', BinaryValue: Buffer.from(value).toString('base64') };
}

const yes = true;
const no = false;

describe('policies on message attributes', () => {
  const rows: [unknown, Values, boolean][] = [
    [{ type: ['a'] }, { type: 'a' }, yes],
    [{ type: ['a'] }, { type: 'A' }, no],
    [{ type: ['a', 'b'] }, { type: 'b' }, yes],
    [{ type: ['a'] }, { other: 'a' }, no],
    [{ type: ['a'] }, { type: 'a', other: 'x' }, yes],
    [{ type: ['a'], visibility: ['public'] }, { type: 'a', visibility: 'public' }, yes],
    [{ type: ['a'], visibility: ['public'] }, { type: 'a', visibility: 'private' }, no],
    [{ type: ['a'] }, { type: ['b', 'a'] }, yes],
    [{ type: ['a'] }, { type: ['b', 'c'] }, no],
    [{ type: ['a'] }, { type: new Uint8Array([97]) }, no],
    [{}, {}, yes],
    [{ size: [100] }, { size: 100 }, yes],
    [{ size: [100] }, { size: '100' }, no],
    [{ size: ['100'] }, { size: 100 }, no],
    [{ size: [{ numeric: ['=', 3.5] }] }, { size: 3.5 }, yes],
    [{ size: [{ numeric: ['>', 3] }] }, { size: 3 }, no],
    [{ size: [{ numeric: ['>=', 3] }] }, { size: 3 }, yes],
    [{ size: [{ numeric: ['>', 0, '<=', 10] }] }, { size: 10 }, yes],
    [{ size: [{ numeric: ['>', 0, '<=', 10] }] }, { size: 11 }, no],
    [{ size: [{ numeric: ['<', -1e3] }] }, { size: -1001 }, yes],
    [{ size: [{ numeric: ['>', 3] }] }, { size: '4' }, no],
    [{ key: [{ prefix: 'photo.' }] }, { key: 'photo.ready' }, yes],
    [{ key: [{ prefix: 'photo.' }] }, { key: 'a photo.' }, no],
    [{ key: [{ suffix: '.jpg' }] }, { key: 'a.jpg' }, yes],
    [{ key: [{ suffix: '.jpg' }] }, { key: 'a.jpg.png' }, no],
    [{ key: [{ 'equals-ignore-case': 'Tennis' }] }, { key: 'tENNIS' }, yes],
    [{ key: [{ 'equals-ignore-case': 'Tennis' }] }, { key: 'tennis court' }, no],
    [{ key: [{ 'anything-but': ['a', 'b'] }] }, { key: 'c' }, yes],
    [{ key: [{ 'anything-but': ['a', 'b'] }] }, { key: 'b' }, no],
    [{ key: [{ 'anything-but': 'a' }] }, { key: 'a' }, no],
    [{ key: [{ 'anything-but': ['a'] }] }, { other: 'c' }, no],
    [{ key: [{ 'anything-but': ['a', 'b'] }] }, { key: ['a', 'c'] }, yes],
    [{ size: [{ 'anything-but': [1, 2] }] }, { size: 2 }, no],
    [{ size: [{ 'anything-but': [1, 2] }] }, { size: 3 }, yes],
    [{ key: [{ 'anything-but': { prefix: 'order-' } }] }, { key: 'order-1' }, no],
    [{ key: [{ 'anything-but': { prefix: 'order-' } }] }, { key: 'photo-1' }, yes],
    [{ key: [{ 'anything-but': { suffix: '.jpg' } }] }, { key: 'x.jpg' }, no],
    [{ key: [{ exists: true }] }, { key: 'x' }, yes],
    [{ key: [{ exists: true }] }, { other: 'x' }, no],
    [{ key: [{ exists: false }] }, { other: 'x' }, yes],
    [{ key: [{ exists: false }] }, { key: 'x' }, no],
    [{ key: [{ exists: false }] }, {}, no],
    [{ key: [{ exists: false }, 'x'] }, { key: 'x' }, yes],
    [{ ip: [{ cidr: '10.0.0.0/24' }] }, { ip: '10.0.0.255' }, yes],
    [{ ip: [{ cidr: '10.0.0.0/24' }] }, { ip: '10.0.1.0' }, no],
    [{ ip: [{ cidr: '2001:db8::/32' }] }, { ip: '2001:db8::1' }, yes],
    [{ ip: [{ cidr: '10.0.0.0/24' }] }, { ip: 'localhost' }, no],
    [{ $or: [{ a: ['1'] }, { b: ['2'] }] }, { b: '2' }, yes],
    [{ $or: [{ a: ['1'] }, { b: ['2'] }] }, { a: '2', b: '1' }, no],
    [{ c: ['3'], $or: [{ a: ['1'] }, { b: ['2'] }] }, { a: '1', c: '4' }, no],
    [{ c: ['3'], $or: [{ a: ['1'] }, { b: ['2'] }] }, { a: '1', c: '3' }, yes],
  ];

  test.each(rows)('%j on %j: %s', (policy, values, wanted) => {
    expect(compileFilter(policy, 'MessageAttributes')(notification(values))).toBe(wanted);
  });
});

describe('policies on the message body', () => {
  const rows: [unknown, unknown, boolean][] = [
    [{ type: ['a'] }, { type: 'a' }, yes],
    [{ type: ['a'] }, 'not an object', no],
    [{ photo: { owner: { name: ['ana'] } } }, { photo: { owner: { name: 'ana' } } }, yes],
    [{ photo: { owner: { name: ['ana'] } } }, { photo: { owner: 'ana' } }, no],
    [{ photo: { owner: { name: ['ana'] } } }, { photo: null }, no],
    [{ photo: { deleted: [{ exists: false }] } }, { type: 'a' }, yes],
    [{ photo: { deleted: [{ exists: false }] } }, { photo: { deleted: 'yes' } }, no],
    [{ photo: [{ exists: true }] }, { photo: { id: 1 } }, no],
    [{ public: [true] }, { public: true }, yes],
    [{ public: [true] }, { public: 'true' }, no],
    [{ at: [null] }, { at: null }, yes],
    [{ at: [null] }, {}, no],
    [{ tags: ['sea'] }, { tags: ['sun', 'sea'] }, yes],
    [{ tags: ['sea'] }, { tags: ['sun'] }, no],
    [{ faces: { name: ['ana'] } }, { faces: [{ name: 'bo' }, { name: 'ana' }] }, yes],
    [
      { faces: { name: ['ana'], age: [3] } },
      {
        faces: [
          { name: 'ana', age: 4 },
          { name: 'bo', age: 3 },
        ],
      },
      no,
    ],
    [{ size: [{ numeric: ['<', 5] }] }, { size: 4 }, yes],
  ];

  test.each(rows)('%j on %j: %s', (policy, body, wanted) => {
    const message = typeof body === 'string' ? body : JSON.stringify(body);
    expect(compileFilter(policy, 'MessageBody')(notification({}, message))).toBe(wanted);
  });
});

describe('what deployment would refuse', () => {
  test.each([
    [{ key: 'a' }, 'key: expected a list of at least one, received "a"'],
    [{ key: [] }, 'key: expected a list of at least one'],
    [{ key: [{ wildcard: '*' }] }, "key: the operator wildcard isn't known here"],
    [{ key: [{ numeric: ['~', 1] }] }, 'key: numeric expects'],
    [{ key: [{ prefix: 1 }] }, 'key: expected a text, received 1'],
    [{ key: [{ cidr: '10.0.0.0' }] }, 'key: cidr expects'],
    [{ key: [{ exists: 'yes' }] }, 'key: exists expects true or false'],
    [{ $or: [{ a: ['1'] }] }, '$or: expected at least two alternatives'],
    [{ a: { b: ['c'] } }, "a: policies on MessageAttributes can't be nested"],
    [Object.fromEntries('abcdef'.split('').map((name) => [name, ['x']])), '6 keys, at most 5'],
    [{ a: Array(13).fill('x'), b: Array(13).fill('y') }, '169 combinations, at most 150'],
  ])('%j', (policy, problem) => {
    expect(() => compileFilter(policy, 'MessageAttributes')).toThrow(problem);
  });

  test('an error names the place in a nested pattern', () => {
    expect(() => compilePattern({ a: { b: [{ near: 1 }] } })).toThrow(
      "a.b: the operator near isn't known here",
    );
  });
});
