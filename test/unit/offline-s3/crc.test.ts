import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Crc, crc32, crc32c, crc64nvme, joinCrc } from '../../../offline/s3/crc.ts';

// Check values over "123456789": the catalogue of parametrised CRC algorithms.
const algorithms = [
  { kind: 'crc32', make: crc32, check: 'cbf43926' },
  { kind: 'crc32c', make: crc32c, check: 'e3069283' },
  { kind: 'crc64nvme', make: crc64nvme, check: 'ae8b14860a799888' },
] as const;

test.each(algorithms)('$kind of "123456789" is $check', ({ make, check }) => {
  expect(crcOf(make, Buffer.from('123456789')).toString('hex')).toBe(check);
});

test.each(algorithms)('$kind does not depend on how the bytes are cut', ({ make }) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      const pieces = crcOf(make, bytes.subarray(0, cut), bytes.subarray(cut));
      expect(pieces).toEqual(crcOf(make, bytes));
    }),
  );
});

test.each(algorithms)('$kind of two stretches joins to that of the whole', ({ kind, make }) => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array({ maxLength: 5000 }), (first, second) => {
      const joined = joinCrc(kind, crcOf(make, first), crcOf(make, second), second.length);
      expect(joined).toEqual(crcOf(make, first, second));
    }),
  );
});

function crcOf(make: () => Crc, ...pieces: Uint8Array[]): Buffer {
  const crc = make();
  for (const piece of pieces) crc.update(piece);
  return crc.value();
}
