import fc from 'fast-check';
import { expect, test } from 'vitest';
import { negated, sum } from '../../../offline/dynamodb/decimal.ts';

const cases: [string, string, string][] = [
  ['1', '1', '2'],
  ['0.1', '0.2', '0.3'],
  ['1.5', '-1.5', '0'],
  ['-0.05', '0.04', '-0.01'],
  ['99999999999999999999999999999999999999', '-1', '99999999999999999999999999999999999998'],
  ['0.00000000000000000000000000000000000001', '1', '1.00000000000000000000000000000000000001'],
  ['2.50', '0.5', '3'],
];

test.each(cases)('%s + %s = %s', (a, b, expected) => {
  expect(sum(a, b)).toBe(expected);
});

test('sums of integers are those of BigInt, and a number and its opposite make nought', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.bigInt(), (a, b) => {
      expect(sum(String(a), String(b))).toBe(String(a + b));
      expect(sum(String(a), negated(String(a)))).toBe('0');
    }),
  );
});
