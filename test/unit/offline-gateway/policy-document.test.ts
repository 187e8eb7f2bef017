import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkPolicy, readPolicy } from '../../../offline/gateway/identity/policy-document.ts';

const NOON = '2026-11-22T12:00:00.000Z';
const before = Date.parse(NOON) - 1;

function policyOf(document: unknown) {
  return readPolicy(Buffer.from(JSON.stringify(document)).toString('base64'));
}

const policy = (...conditions: unknown[]) => policyOf({ expiration: NOON, conditions });

test('a form of exactly the fields and values of its policy passes; any other change is refused', async () => {
  const name = fc.stringMatching(/^[a-wyz][a-z-]{0,8}$/);
  await fc.assert(
    fc.property(fc.dictionary(name, fc.string(), { minKeys: 1 }), name, fc.string(), (fields, key, value) => {
      const signed = policy(...Object.entries(fields).map(([field, text]) => ({ [field]: text })));
      const given = new Map(Object.entries(fields));
      checkPolicy(signed, given, before);
      const same = given.get(key) === value;
      const free = ['file', 'policy'].includes(key) && !given.has(key);
      const check = () => checkPolicy(signed, new Map([...given, [key, value]]), before);
      if (same || free) check();
      else expect(check).toThrow('Invalid according to Policy');
      const [first] = given.keys();
      given.delete(first as string);
      expect(() => checkPolicy(signed, given, before)).toThrow('Policy Condition failed');
    }),
  );
});

test('names are matched without case, prefixes with it', () => {
  const signed = policy(['starts-with', '$Content-Type', 'image/'], ['eq', '$KEY', 'a']);
  checkPolicy(
    signed,
    new Map([
      ['content-type', 'image/png'],
      ['key', 'a'],
    ]),
    before,
  );
  const other = new Map([
    ['content-type', 'Image/png'],
    ['key', 'a'],
  ]);
  expect(() => checkPolicy(signed, other, before)).toThrow('starts-with');
});

test('a policy ends at its expiration', () => {
  expect(() => checkPolicy(policy(), new Map(), Date.parse(NOON))).toThrow('Policy expired.');
});

test('several ranges hold together; without one any size passes', () => {
  expect(policy(['content-length-range', 1, 10], ['content-length-range', '5', '20']).range).toEqual({
    min: 5,
    max: 10,
  });
  expect(policy().range).toEqual({ min: 0, max: Number.POSITIVE_INFINITY });
});

test.each([
  ['no JSON', 'x'],
  ['no conditions', { expiration: NOON }],
  ['no expiration', { conditions: [] }],
  ['an unknown operator', { expiration: NOON, conditions: [['ends-with', '$key', 'a']] }],
  ['a field without a dollar', { expiration: NOON, conditions: [['eq', 'key', 'a']] }],
  ['a value that is no text', { expiration: NOON, conditions: [{ key: 1 }] }],
  ['a range of words', { expiration: NOON, conditions: [['content-length-range', 'a', 'b']] }],
])('a policy with %s is refused', (_, document) => {
  expect(() => policyOf(document)).toThrow('Invalid Policy');
});
