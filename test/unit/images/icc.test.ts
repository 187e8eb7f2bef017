import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { profileKind } from '../../../lib/images/icc.ts';
import { quadrants } from '../../support/photos.ts';

async function profile(name: string): Promise<Buffer> {
  const { icc } = await sharp(
    await sharp(await quadrants(8, 8))
      .withIccProfile(name)
      .png()
      .toBuffer(),
  ).metadata();
  if (!icc) throw new Error(`Expected sharp to attach ${name}`);
  return icc;
}

/** A matrix profile as cameras embed it: primaries of sRGB, and one curve for all three channels. */
function matrixProfile(curve: Buffer, red: readonly number[] = [0.43607, 0.22249, 0.01392]): Buffer {
  const fixed = (values: readonly number[]) => {
    const bytes = Buffer.alloc(8 + 4 * values.length);
    bytes.write('XYZ ', 'latin1');
    for (const [i, value] of values.entries()) bytes.writeInt32BE(Math.round(value * 65_536), 8 + 4 * i);
    return bytes;
  };
  const tags: [string, Buffer][] = [
    ['rXYZ', fixed(red)],
    ['gXYZ', fixed([0.38515, 0.71687, 0.09708])],
    ['bXYZ', fixed([0.14307, 0.06061, 0.7141])],
    ...['rTRC', 'gTRC', 'bTRC'].map((name): [string, Buffer] => [name, curve]),
  ];
  const head = Buffer.alloc(128 + 4 + 12 * tags.length);
  head.write('RGB XYZ ', 16, 'latin1');
  head.writeUInt32BE(tags.length, 128);
  let free = head.length;
  tags.forEach(([name, body], i) => {
    head.write(name, 132 + 12 * i, 'latin1');
    head.writeUInt32BE(free, 136 + 12 * i);
    head.writeUInt32BE(body.length, 140 + 12 * i);
    free += body.length;
  });
  return Buffer.concat([head, ...tags.map(([, body]) => body)]);
}

function table(size: number, curve: (x: number) => number): Buffer {
  const bytes = Buffer.alloc(12 + 2 * size);
  bytes.write('curv', 'latin1');
  bytes.writeUInt32BE(size, 8);
  for (let i = 0; i < size; i += 1)
    bytes.writeUInt16BE(Math.round(curve(i / (size - 1)) * 65_535), 12 + 2 * i);
  return bytes;
}

const srgb = (x: number) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);

describe('the kind of a profile', () => {
  it('is srgb for what describes sRGB, by a formula or a table', async () => {
    expect(profileKind(await profile('srgb'))).toBe('srgb');
    expect(profileKind(matrixProfile(table(1_024, srgb)))).toBe('srgb');
  });

  it('is rgb for other primaries, and for another curve, whatever the profile calls itself', async () => {
    expect(profileKind(await profile('p3'))).toBe('rgb');
    expect(profileKind(matrixProfile(table(1_024, srgb), [0.60974, 0.31111, 0.01947]))).toBe('rgb');
    expect(profileKind(matrixProfile(table(1_024, (x) => x ** 2.2)))).toBe('rgb');
    expect(profileKind(matrixProfile(table(1_024, (x) => x ** 1.8)))).toBe('rgb');
  });

  it('is rgb where a lookup table overrules the primaries', () => {
    const bytes = matrixProfile(table(1_024, srgb));
    bytes.writeUInt32BE(7, 128);
    const entry = Buffer.alloc(12);
    entry.write('A2B0', 'latin1');
    expect(profileKind(Buffer.concat([bytes.subarray(0, 204), entry, bytes.subarray(204)]))).toBe('rgb');
  });

  it('is cmyk and grey by colour space', async () => {
    expect(profileKind(Buffer.from(`${'\0'.repeat(16)}CMYK`))).toBe('cmyk');
    expect(profileKind(Buffer.from(`${'\0'.repeat(16)}GRAY`))).toBe('grey');
    expect(profileKind(Buffer.alloc(0))).toBe('other');
  });

  it('is found for any bytes', async () => {
    const whole = await profile('srgb');
    const damaged = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 20 })
      .map((changes) => {
        const copy = Buffer.from(whole);
        for (const [at, value] of changes) copy[at] = value;
        return copy;
      });
    const cut = fc.nat(whole.length).map((length) => whole.subarray(0, length));
    fc.assert(
      fc.property(fc.oneof(damaged, cut), (bytes) => {
        expect(['srgb', 'rgb', 'cmyk', 'grey', 'other']).toContain(profileKind(bytes));
      }),
    );
  });
});
