import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askedParts, lengthOfPart, PART_BYTES, partsOf } from '../../../lib/photos/parts.ts';
import { MAX_BYTES } from '../../../lib/photos/photo.ts';

/** What S3 takes as a part that others follow. */
const SMALLEST = 5 * 1024 * 1024;
const sha256 = 'A'.repeat(43).concat('=');

describe('the parts of a file', () => {
  it('are the whole of it, each but the last as long as S3 wants them, and few', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_BYTES }), (bytes) => {
        const photo = { bytes, partBytes: PART_BYTES };
        const lengths = Array.from({ length: partsOf(photo) }, (_, index) => lengthOfPart(photo, index + 1));
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(bytes);
        expect(lengths.slice(0, -1).every((length) => length >= SMALLEST)).toBe(true);
        expect(lengths.at(-1)).toBeGreaterThan(0);
        expect(lengths.length).toBeLessThanOrEqual(25);
      }),
    );
  });

  it('stay as they were cut, whatever a later version of the service would do', () => {
    expect(partsOf({ bytes: 30, partBytes: 10 })).toBe(3);
    expect(lengthOfPart({ bytes: 25, partBytes: 10 }, 3)).toBe(5);
  });
});

describe('what is asked about parts', () => {
  it.each([
    ['none', []],
    ['more than 50', Array.from({ length: 51 }, (_, index) => ({ partNumber: index + 1, sha256 }))],
    ['number 0', [{ partNumber: 0, sha256 }]],
    ['half a part', [{ partNumber: 1.5, sha256 }]],
    ['a hash in hexadecimal', [{ partNumber: 1, sha256: 'a'.repeat(64) }]],
    ['a length of its own', [{ partNumber: 1, sha256, bytes: 3 }]],
  ])('is refused with %s', (_what, parts) => {
    expect(askedParts.safeParse({ parts }).success).toBe(false);
  });
});
