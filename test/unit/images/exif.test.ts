import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Exif, readExif } from '../../../lib/images/exif.ts';
import { exifBlock, type Tags } from '../../support/exif.ts';

const NOTHING: Exif = {
  takenAt: null,
  takenAtLocal: null,
  camera: null,
  lens: null,
  exposure: null,
  gps: null,
};
const DATE = 0x9003;
const OFFSET = 0x9011;
const SUB_SECOND = 0x9291;

function numbersOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}

describe('readExif', () => {
  it('reads what a camera wrote', () => {
    const block = exifBlock({
      image: { 271: 'Canon', 272: 'Canon EOS 70D' },
      photo: {
        [DATE]: '2015:10:11 14:41:44',
        [OFFSET]: '+02:00',
        [SUB_SECOND]: '9',
        42036: 'EF50mm f/1.8 STM',
        33434: [[1, 60]],
        33437: [[32, 10]],
        34855: 400,
        37386: [[50, 1]],
      },
      gps: {
        1: 'S',
        2: [
          [33, 1],
          [51, 1],
          [36, 1],
        ],
        3: 'E',
        4: [
          [151, 1],
          [12, 1],
          [3600, 100],
        ],
        5: 0,
        6: [[175, 10]],
      },
    });
    expect(readExif(block)).toEqual({
      takenAt: '2015-10-11T14:41:44.900+02:00',
      takenAtLocal: '2015-10-11T14:41:44.900',
      camera: { make: 'Canon', model: 'Canon EOS 70D' },
      lens: 'EF50mm f/1.8 STM',
      exposure: { seconds: 1 / 60, aperture: 3.2, iso: 400, focalLengthMm: 50 },
      gps: { latitude: -33.86, longitude: 151.21, altitude: 17.5 },
    });
  });

  it('reads the block with or without the prefix that JPEG puts before it', () => {
    const block = exifBlock({ image: { 272: 'X100' } });
    expect(readExif(Buffer.concat([Buffer.from('Exif\0\0'), block]))).toEqual(readExif(block));
    expect(readExif(block).camera).toEqual({ make: null, model: 'X100' });
  });

  it.each<[string, Tags, string | null, string | null]>([
    ['no offset', { photo: { [DATE]: '2020:02:29 23:59:59' } }, null, '2020-02-29T23:59:59'],
    [
      'a malformed offset',
      { photo: { [DATE]: '2020:02:29 23:59:59', [OFFSET]: '   :  ' } },
      null,
      '2020-02-29T23:59:59',
    ],
    ['only the time of the file', { image: { 306: '2020:01:02 03:04:05' } }, null, '2020-01-02T03:04:05'],
    ['a clock that was never set', { photo: { [DATE]: '0000:00:00 00:00:00' } }, null, null],
    ['a day that is not', { photo: { [DATE]: '2021:02:29 10:00:00' } }, null, null],
    ['an hour that is not', { photo: { [DATE]: '2021:02:28 25:00:00' } }, null, null],
    ['words', { photo: { [DATE]: 'yesterday' } }, null, null],
  ])('says when, with %s', (_, tags, takenAt, takenAtLocal) => {
    expect(readExif(exifBlock(tags))).toMatchObject({ takenAt, takenAtLocal });
  });

  it.each([
    ['18:51:40', '2017-02-09T19:51:38+01:00'],
    ['14:21:30', '2017-02-09T19:51:38+05:30'],
    ['19:51:38', '2017-02-09T19:51:38+00:00'],
    ['23:51:38', '2017-02-09T19:51:38-04:00'],
    ['18:44:00', null],
  ])('takes the offset from GPS time %s, where it fits one', (time, takenAt) => {
    const parts = time.split(':').map((part) => [Number(part), 1] as const);
    const gps = { 7: parts, 29: '2017:02:09' };
    expect(readExif(exifBlock({ photo: { [DATE]: '2017:02:09 19:51:38' }, gps })).takenAt).toBe(takenAt);
  });

  it.each([
    [
      'a denominator of zero',
      {
        1: 'N',
        2: [
          [48, 0],
          [1, 1],
          [1, 1],
        ],
        3: 'E',
        4: [
          [2, 1],
          [1, 1],
          [1, 1],
        ],
      },
    ],
    [
      'zero by zero',
      {
        1: 'N',
        2: [
          [48, 1],
          [1, 1],
          [0, 0],
        ],
        3: 'E',
        4: [
          [2, 1],
          [1, 1],
          [1, 1],
        ],
      },
    ],
    [
      'no hemisphere',
      {
        2: [
          [48, 1],
          [1, 1],
          [1, 1],
        ],
        4: [
          [2, 1],
          [1, 1],
          [1, 1],
        ],
      },
    ],
    ...['constructor', '__proto__', 'toString'].map((name): [string, NonNullable<Tags['gps']>] => [
      `${name} for a hemisphere`,
      {
        1: name,
        2: [
          [48, 1],
          [1, 1],
          [1, 1],
        ],
        3: name,
        4: [
          [2, 1],
          [1, 1],
          [1, 1],
        ],
      },
    ]),
    [
      'a place off the globe',
      {
        1: 'N',
        2: [
          [91, 1],
          [0, 1],
          [0, 1],
        ],
        3: 'E',
        4: [
          [2, 1],
          [1, 1],
          [1, 1],
        ],
      },
    ],
    [
      'half a coordinate',
      {
        1: 'N',
        2: [[48, 1]],
        3: 'E',
        4: [
          [2, 1],
          [1, 1],
          [1, 1],
        ],
      },
    ],
    [
      'one coordinate of two',
      {
        1: 'N',
        2: [
          [48, 1],
          [1, 1],
          [1, 1],
        ],
      },
    ],
  ] as [string, NonNullable<Tags['gps']>][])('knows no place from %s', (_, gps) => {
    expect(readExif(exifBlock({ gps })).gps).toBeNull();
  });

  it('counts depths below the sea as negative altitudes', () => {
    const gps = {
      1: 'N',
      2: [
        [1, 1],
        [0, 1],
        [0, 1],
      ],
      3: 'W',
      4: [
        [2, 1],
        [0, 1],
        [0, 1],
      ],
      5: 1,
      6: [[40, 1]],
    } as const;
    expect(readExif(exifBlock({ gps })).gps).toEqual({ latitude: 1, longitude: -2, altitude: -40 });
  });

  it('takes out of texts what controls a terminal or the direction of writing, and what is too long', () => {
    const image = { 271: `\x1b[31m Nikon\u202e\u0007 `, 272: 'D'.repeat(500) };
    expect(readExif(exifBlock({ image })).camera).toEqual({ make: '[31m Nikon', model: 'D'.repeat(100) });
  });

  it('leaves markup as it is, for whoever shows it to escape', () => {
    const image = { 272: '<script>alert(1)</script>' };
    expect(readExif(exifBlock({ image })).camera?.model).toBe('<script>alert(1)</script>');
  });

  it('says nothing where there is nothing', () => {
    expect(readExif(undefined)).toEqual(NOTHING);
    expect(readExif(Buffer.alloc(0))).toEqual(NOTHING);
    expect(readExif(exifBlock({ photo: { 33434: [[1, 0]], 34855: 0 } }))).toEqual(NOTHING);
  });

  it('is not kept busy by entries that share their bytes, or by directories that lead back', () => {
    const entries = 5_400;
    const block = Buffer.alloc(10 + 12 * entries);
    block.write('MM\0\x2a\0\0\0\x08', 'latin1');
    block.writeUInt16BE(entries, 8);
    for (let i = 0; i < entries; i += 1) {
      const at = 10 + 12 * i;
      block.writeUInt16BE(i % 2 === 0 ? 0x8769 : i, at);
      block.writeUInt16BE(i % 2 === 0 ? 4 : 1, at + 2);
      block.writeUInt32BE(i % 2 === 0 ? 1 : 60_000, at + 4);
      block.writeUInt32BE(8, at + 8);
    }
    const start = process.cpuUsage();
    expect(readExif(block)).toEqual(NOTHING);
    expect(process.cpuUsage(start).user).toBeLessThan(200_000);
  });

  it('is not misled by an entry that claims four gigabytes of numbers or text', () => {
    const block = exifBlock({ image: { 271: 'Canon', 272: 'EOS' }, photo: { 33434: [[1, 60]] } });
    for (const at of [10, 22]) {
      const lying = Buffer.from(block);
      lying.writeUInt32BE(0xffff_ffff, at + 4);
      expect(() => readExif(lying)).not.toThrow();
      expect(JSON.stringify(readExif(lying)).length).toBeLessThan(500);
    }
  });

  it.each<[string, Tags, number | null]>([
    ['as most do', { photo: { 34855: 400 } }, 400],
    [
      'of 204 800, for which sixteen bits are too few',
      { photo: { 34855: 0xffff, 34866: [[204_800, 1]] } },
      204_800,
    ],
    ['of which no more is known than that it is high', { photo: { 34855: 0xffff } }, 0xffff],
  ])('reads the sensitivity of a camera %s', (_, tags, iso) => {
    expect(readExif(exifBlock(tags)).exposure?.iso ?? null).toBe(iso);
  });

  it('reads texts that are marked as UTF-8', () => {
    const block = exifBlock({ photo: { 42036: 'Objektiv für 50 mm' } });
    const entry = block.indexOf(Buffer.from([42036 >> 8, 42036 & 255, 0, 2]));
    block.writeUInt16BE(129, entry + 2);
    expect(readExif(block).lens).toBe('Objektiv für 50 mm');
  });

  it('writes the equator, the meridian and the sea with a zero that JSON knows', () => {
    const zero = [
      [0, 1],
      [0, 1],
      [0, 1],
    ] as const;
    const gps = { 1: 'S', 2: zero, 3: 'W', 4: zero, 5: 1, 6: [[0, 1]] } as const;
    expect(readExif(exifBlock({ gps })).gps).toEqual({ latitude: 0, longitude: 0, altitude: 0 });
  });
});

describe('any bytes', () => {
  const taken = '2015:10:11 14:41:44';
  const angle = [
    [48, 1],
    [1, 1],
    [1, 1],
  ] as const;
  const whole: Tags = {
    image: { 271: 'Canon', 272: 'EOS', 274: 6, 306: taken },
    photo: {
      ...{ 33434: [[1, 60]], 33437: [[32, 10]], 34855: 400, 36867: taken, 36868: taken },
      ...{ 36880: '+02:00', 36881: '+02:00', 37386: [[50, 1]], 37521: '123', 42036: 'EF50mm' },
    },
    gps: {
      1: 'N',
      2: angle,
      3: 'E',
      4: angle,
      5: 0,
      6: [[9, 1]],
      7: [
        [12, 1],
        [41, 1],
        [44, 1],
      ],
      29: '2015:10:11',
    },
  };
  const block = exifBlock(whole);

  const damage = fc.array(fc.tuple(fc.nat(block.length - 1), fc.nat(255)), { maxLength: 12 });
  const damaged = damage.map((changes) => {
    const copy = Buffer.from(block);
    for (const [at, value] of changes) copy[at] = value;
    return copy;
  });
  const word = fc.oneof(fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff), fc.nat(0xffff_ffff));
  const digits = fc.tuple(fc.nat(9_999), fc.nat(13), fc.nat(32), fc.nat(25), fc.nat(61), fc.nat(61));
  const text = fc.oneof(
    fc.constantFrom('N', 'S', 'E', 'W', '+14:59', '-15:00', 'Z', '\u202e', '\ufeff', '<b>', 'constructor'),
    fc.string({ unit: 'binary', maxLength: 150 }),
    digits
      .map((parts) => parts.map((part, i) => String(part).padStart(i === 0 ? 4 : 2, '0')))
      .map(([year, month, day, ...time]) => `${year}:${month}:${day} ${time.join(':')}`),
  );
  const value = fc.oneof(
    text,
    fc.nat(0xffff),
    fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 4 }),
  );
  const directoryOf = (tags: Tags['image'] = {}) =>
    fc.record(Object.fromEntries(Object.keys(tags).map((tag) => [tag, value])), { requiredKeys: [] });
  const madeUp = fc
    .record({ image: directoryOf(whole.image), photo: directoryOf(whole.photo), gps: directoryOf(whole.gps) })
    .map((tags) => exifBlock(tags as Tags));
  const random = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  const cut = fc.nat(block.length).map((length) => block.subarray(0, length));
  const anything = fc.oneof(damaged, madeUp, random, cut);

  it('come out as what JSON can hold, with texts that are short and visible, and times that are', () => {
    fc.assert(
      fc.property(anything, (bytes) => {
        const exif = readExif(bytes);
        expect(JSON.parse(JSON.stringify(exif))).toEqual(exif);
        expect(numbersOf(exif).every(Number.isFinite)).toBe(true);
        for (const said of [exif.camera?.make, exif.camera?.model, exif.lens]) {
          expect([...(said ?? '')].length).toBeLessThanOrEqual(100);
          expect(said ?? 'x').toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u);
        }
        expect(isTime(exif.takenAtLocal, '')).toBe(true);
        expect(isTime(exif.takenAt, '(?:Z|[+-](?:0\\d|1[0-4]):[0-5]\\d)')).toBe(true);
        expect(exif.takenAt?.startsWith(exif.takenAtLocal ?? '') ?? true).toBe(true);
        const { latitude = 0, longitude = 0 } = exif.gps ?? {};
        expect(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});

/** Whether a text is null, or a day and a time of day that are, with this behind them. */
function isTime(text: string | null, offset: string): boolean {
  if (text === null) return true;
  const [, day, time] =
    new RegExp(`^(\\d{4}-\\d\\d-\\d\\d)T(\\d\\d:\\d\\d:\\d\\d)(?:\\.\\d{3})?${offset}$`).exec(text) ?? [];
  return new Date(`${day}T${time}Z`).toJSON() === `${day}T${time}.000Z`;
}
