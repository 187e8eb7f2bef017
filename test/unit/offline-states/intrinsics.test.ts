import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../offline/random.ts';
import { evaluate, parseExpression } from '../../../offline/states/intrinsics.ts';

const data = {
  name: "O'Hara",
  n: 3,
  list: [1, 2, 3, 2, { a: 1 }, { a: 1 }],
  text: '{"x":[1]}',
  first: { a: { one: 1 }, b: 2 },
  second: { a: { two: 2 }, c: 3 },
  yes: true,
  nothing: null,
};
const context = { Execution: { Name: 'run' } };

const value = (text: string, given: unknown = data) =>
  evaluate(parseExpression(text), { data: given, context, random: new Random(1) });

test.each<[string, unknown]>([
  ['$.n', 3],
  ['$$.Execution.Name', 'run'],
  [
    "States.Format('Hello, {}: {} {} {} {}', $.name, $.n, $.yes, $.nothing, $.second)",
    'Hello, O\'Hara: 3 true null {"a":{"two":2},"c":3}',
  ],
  ["States.Format('it\\'s {}', 1)", "it's 1"],
  ["States.Format('a \\{\\} and {}', 'b')", 'a {} and b'],
  ["States.Format('back\\\\slash')", 'back\\slash'],
  ["States.Format('{}', $$.Execution.Name)", 'run'],
  ['States.StringToJson($.text)', { x: [1] }],
  ['States.JsonToString($.second)', '{"a":{"two":2},"c":3}'],
  ['States.Array()', []],
  ["States.Array(1, 'two', $.yes, null, States.Array(-1.5))", [1, 'two', true, null, [-1.5]]],
  [
    'States.ArrayPartition($.list, 4)',
    [
      [1, 2, 3, 2],
      [{ a: 1 }, { a: 1 }],
    ],
  ],
  ['States.ArrayContains($.list, 3)', true],
  ['States.ArrayContains($.list, 4)', false],
  ['States.ArrayContains($.list, $.list[4])', true],
  ['States.ArrayRange(1, 9, 2)', [1, 3, 5, 7, 9]],
  ['States.ArrayRange(3, 1, -1)', [3, 2, 1]],
  ['States.ArrayRange(3, 1, 1)', []],
  ['States.ArrayGetItem($.list, 2)', 3],
  ['States.ArrayLength($.list)', 6],
  ['States.ArrayUnique($.list)', [1, 2, 3, { a: 1 }]],
  ["States.Base64Encode('Data to encode')", 'RGF0YSB0byBlbmNvZGU='],
  ["States.Base64Decode('RGVjb2RlZCBkYXRh')", 'Decoded data'],
  // Published test vectors: RFC 1321, FIPS 180-4.
  ["States.Hash('abc', 'MD5')", '900150983cd24fb0d6963f7d28e17f72'],
  ["States.Hash('abc', 'SHA-1')", 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ["States.Hash('abc', 'SHA-256')", 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['States.JsonMerge($.first, $.second, false)', { a: { two: 2 }, b: 2, c: 3 }],
  ['States.MathAdd($.n, -1)', 2],
  ["States.StringSplit('1,2,,3', ',')", ['1', '2', '3']],
  ["States.StringSplit('a+b=c', '+=')", ['a', 'b', 'c']],
  ['  States.MathAdd( 1 ,States.ArrayLength( $.list ) )  '.trim(), 7],
])('%s gives %j', (text, expected) => {
  expect(value(text)).toEqual(expected);
});

test('chance comes from the seed', () => {
  const numbers = Array.from({ length: 50 }, (_, seed) =>
    evaluate(parseExpression('States.MathRandom(1, 4)'), { data, context, random: new Random(seed) }),
  );
  expect(new Set(numbers)).toEqual(new Set([1, 2, 3]));
  expect(value('States.UUID()')).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(value('States.UUID()')).toBe(value('States.UUID()'));
});

describe('what a function cannot do fails by States.IntrinsicFailure:', () => {
  test.each([
    "States.Format('{}')",
    "States.Format('', 1)",
    "States.StringToJson('{')",
    'States.StringToJson($.n)',
    'States.ArrayPartition($.list, 0)',
    'States.ArrayPartition($.name, 2)',
    'States.ArrayRange(1, 2, 0)',
    'States.ArrayRange(0, 1000, 1)',
    'States.ArrayGetItem($.list, 9)',
    'States.ArrayLength($.name)',
    "States.Hash('a', 'SHA-3')",
    'States.JsonMerge($.first, $.second, true)',
    'States.JsonMerge($.first, $.list, false)',
    'States.MathAdd($.name, 1)',
    'States.MathRandom(2, 2)',
    'States.StringSplit($.n, $.name)',
    `States.Base64Encode('${'x'.repeat(10_001)}')`,
  ])('%s', (text) => {
    expect(() => value(text)).toThrow(/^States\.IntrinsicFailure: States\.\w+: /);
  });
});

test('a path that names nothing is told with what was looked through', () => {
  expect(() => value("States.Format('{}', $.nope)", { a: 1 })).toThrow(
    expect.objectContaining({ path: '$.nope', input: '{"a":1}' }),
  );
});

test.each([
  'States.Format',
  'States.Format(',
  "States.Format('a'",
  "States.Format('a')x",
  "States.Format('a' 'b')",
  'States.Format("a")',
  'States.format()',
  'States.constructor()',
  'States.UUID(1)',
  'States.JsonMerge($.a, $.b)',
  'States.MathAdd(1)',
  'States.Format($.a[*])',
  'format',
  '',
])('%j is refused before anything runs', (text) => {
  expect(() => parseExpression(text)).toThrow();
});

test('partitions put together again are the whole', async () => {
  await fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 9 }), (list, size) => {
      const parts = value('States.ArrayPartition($.list, $.size)', { list, size }) as number[][];
      expect(parts.flat()).toEqual(list);
      for (const part of parts.slice(0, -1)) expect(part).toHaveLength(size);
    }),
  );
});

test('what is encoded is decoded again, and text put into JSON comes out of it', async () => {
  await fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.jsonValue(), (text, json) => {
      expect(value('States.Base64Decode(States.Base64Encode($.text))', { text })).toBe(text);
      const again = value('States.StringToJson(States.JsonToString($.json))', { json });
      expect(JSON.stringify(again)).toBe(JSON.stringify(json));
    }),
  );
});

test('any text can be written into a call', async () => {
  await fc.assert(
    fc.property(fc.string(), (text) => {
      const escaped = text.replaceAll(/[\\'{}]/g, '\\$&');
      expect(value(`States.Format('${escaped}')`)).toBe(text);
    }),
  );
});
