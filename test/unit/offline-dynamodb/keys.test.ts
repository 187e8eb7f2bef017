import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode, encodeOpen } from '../../../offline/dynamodb/keys.ts';

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.string({ unit: fc.constantFrom('\0', '\u0001', 'a', 'ÿ', '\uffff', '😀'), maxLength: 4 }),
);
// Two digits' worth of decimals on both sides of zero, in the plain notation items are stored in.
const numbers = fc
  .tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.integer({ min: 0, max: 4 }))
  .map(([digits, scale]) => String(Number((digits / 10 ** scale).toFixed(scale))));

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

describe('the order of encoded keys', () => {
  test('is the order of UTF-8 bytes for strings', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(order(encode({ S: a }), encode({ S: b }))).toBe(
          Buffer.compare(Buffer.from(a), Buffer.from(b)),
        );
      }),
    );
  });

  test('is the order of bytes for binary', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 }), (a, b) => {
        const keys = [a, b].map((bytes) => encode({ B: Buffer.from(bytes).toString('base64') }));
        expect(order(keys[0] as string, keys[1] as string)).toBe(Buffer.compare(a, b));
      }),
    );
  });

  test('is the numbers’ order for numbers', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        expect(order(encode({ N: a }), encode({ N: b }))).toBe(Math.sign(Number(a) - Number(b)));
      }),
    );
  });

  test('keeps what begins with a string right after its open encoding', () => {
    fc.assert(
      fc.property(texts, texts, (start, rest) => {
        const begins = encode({ S: start + rest }).startsWith(encodeOpen({ S: start }));
        expect(begins).toBe(Buffer.from(start + rest).indexOf(Buffer.from(start)) === 0);
      }),
    );
  });
});
