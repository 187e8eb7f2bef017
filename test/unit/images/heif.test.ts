import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkHeif } from '../../../lib/images/heif.ts';
import { inspectImage } from '../../../lib/images/inspect.ts';
import { ImageRejected } from '../../../lib/images/rejection.ts';
import { renderRenditions } from '../../../lib/images/renditions.ts';
import {
  ALPHA,
  auxC,
  box,
  type Coded,
  clap,
  codedPicture,
  codedTile,
  DEPTH,
  fullBox,
  gridData,
  type HeifItem,
  type HeifOptions,
  heifFile,
  ispe,
  overlayData,
  sized,
  u8,
  u16,
  u32,
} from '../../support/heif-boxes.ts';
import { heicPhoto, heicPhotoWithExif, turnedHeicPhoto } from '../../support/photos.ts';

/** Coded as 64 x 64, whatever the tests say of its size. */
let picture: Coded;
beforeAll(async () => {
  picture = await codedPicture(64, 64);
});

const GAIN_MAP = 'urn:com:apple:photo:2020:aux:hdrgainmap';

const rejection = (code: string, detail: RegExp) =>
  expect.objectContaining({ name: 'ImageRejected', code, detail: expect.stringMatching(detail) });

const times = (count: number, id: number) => Array.from({ length: count }, () => id);

/** An item of the picture, said to be of another size and to have more properties. */
function coded(id: number, width: number, height: number, more: Partial<HeifItem> = {}): HeifItem {
  const { properties, ...item } = sized(picture, width, height);
  return { ...item, id, ...more, properties: [...properties, ...(more.properties ?? [])] };
}

/** An item that tiles are put together to; `canvas` is what its own data say, where that is another size. */
function grid(
  id: number,
  [width, height]: Pair,
  [columns, rows]: Pair,
  tiles: readonly number[],
  canvas?: Pair,
) {
  const data = gridData(rows, columns, ...(canvas ?? [width, height]));
  return { id, type: 'grid', data, properties: [ispe(width, height)], refs: { dimg: tiles } };
}

type Pair = readonly [number, number];

const overlay = (id: number, width: number, height: number, of: readonly number[]) => ({
  id,
  type: 'iovl',
  data: overlayData(of.length, width, height),
  properties: [ispe(width, height)],
  refs: { dimg: of },
});

const identity = (id: number, width: number, height: number, of: readonly number[]) => ({
  id,
  type: 'iden',
  properties: [ispe(width, height)],
  refs: { dimg: of },
});

/** A photo as phones write it: a grid of tiles of 512 x 512, with a thumbnail, a map of depths, and a gain map. */
function phonePhoto([width, height]: Pair, [columns, rows]: Pair, tile: Coded): HeifItem[] {
  const ids = Array.from({ length: columns * rows }, (_, i) => 1 + i);
  const part = (id: number, size: Pair, urn?: string): HeifItem => {
    const { properties, ...item } = sized(tile, ...size);
    const refs = { [urn ? 'auxl' : 'thmb']: [900] };
    return { ...item, id, isHidden: true, refs, properties: [...properties, ...(urn ? [auxC(urn)] : [])] };
  };
  return [
    grid(900, [width, height], [columns, rows], ids),
    ...ids.map((id) => ({ ...sized(tile, 512, 512), id, isHidden: true })),
    part(901, [320, 240]),
    part(902, [width, height], DEPTH),
    part(903, [width, height], GAIN_MAP),
  ];
}

/** What comes of checking a file, and how many numbers and names were read for it. */
function stepsOf(bytes: Buffer, format: 'avif' | 'heic') {
  const counted = Buffer.from(bytes);
  let steps = 0;
  counted.readUIntBE = (...where) => {
    steps += 1;
    return bytes.readUIntBE(...where);
  };
  counted.toString = (...how) => {
    steps += 1;
    return bytes.toString(...how);
  };
  let problem: unknown;
  try {
    checkHeif(counted, format);
  } catch (error) {
    problem = error;
  }
  return { steps, problem };
}

async function answerOf(items: readonly HeifItem[], options: HeifOptions = {}) {
  return inspectImage(heifFile(items, options)).catch((error: unknown) => error);
}

describe('a photo that is put together', () => {
  it.each<[string, HeifOptions]>([
    ['with narrow fields', {}],
    ['with wide fields', { isWide: true }],
    ['with what tells how in the box of metadata', { hasIdat: true }],
  ])('from tiles, %s, is taken and shown', async (_, options) => {
    const bytes = heifFile([grid(1, [100, 70], [2, 2], times(4, 2)), coded(2, 64, 64)], options);
    const facts = await inspectImage(bytes);
    expect(facts).toMatchObject({ format: 'avif', width: 100, height: 70 });
    const { renditions } = await renderRenditions(bytes, facts);
    expect(renditions.map(({ width, height }) => [width, height])).toContainEqual([100, 70]);
  });

  it.each<[Pair, Pair]>([
    [
      [4032, 3024],
      [8, 6],
    ],
    [
      [8064, 6048],
      [16, 12],
    ],
  ])('from tiles by a phone, %j, is taken', async ([width, height], tiles) => {
    const items = phonePhoto([width, height], tiles, codedTile());
    const facts = { format: 'heic', width, height };
    expect(await answerOf(items, { brand: 'heic', hasIdat: true })).toMatchObject(facts);
  });

  it('from tiles, among hundreds of other pictures, is taken', () => {
    const others = Array.from({ length: 900 }, (_, i) => coded(1000 + i, 6000, 6000));
    const bytes = heifFile([...phonePhoto([4032, 3024], [8, 6], picture), ...others], { hasIdat: true });
    expect(() => checkHeif(bytes, 'heic')).not.toThrow();
  });

  it('from tiles in a row, as a panorama, is taken', async () => {
    const items = phonePhoto([16_000, 2_400], [32, 5], picture);
    expect(await answerOf(items)).toMatchObject({ width: 16_000, height: 2_400 });
  });

  it('from the same tile hundreds of times is refused', async () => {
    const tile = coded(2, 4096, 4096);
    expect(await answerOf([grid(1, [64, 64], [16, 16], times(256, 2)), tile])).toEqual(
      rejection('too-many-pixels', /tiles of 4294967296 pixels for 64 x 64; at most 17305600 are accepted/),
    );
  });

  it('from more tiles than cover it is refused, and not from as many as do', async () => {
    const tile = coded(2, 512, 512);
    expect(await answerOf([grid(1, [1100, 1100], [3, 3], times(9, 2)), tile])).toMatchObject({ width: 1100 });
    expect(await answerOf([grid(1, [64, 64], [3, 3], times(9, 2)), tile])).toEqual(
      rejection('too-many-pixels', /2359296 pixels for 64 x 64; at most 331776/),
    );
    for (const [width, height] of [
      [512, 2048],
      [2048, 512],
    ] as const) {
      const items = [grid(1, [width + 9, 64], [2, 1], times(2, 2)), coded(2, width, height)];
      expect(await answerOf(items)).toMatchObject({ width: width + 9, height: 64 });
    }
  });

  it('to more pixels than it is said to have is refused', async () => {
    const [tile, most] = [coded(2, 64, 64), 'at most 40 are accepted as AVIF'];
    expect(await answerOf([grid(1, [64, 64], [1, 1], [2], [20_000, 20_000]), tile])).toEqual(
      rejection('too-many-pixels', new RegExp(`has 400\\.0 megapixels \\(20000 x 20000\\); ${most}`)),
    );
    const large = { ...overlay(1, 64, 64, [2]), data: overlayData(1, 9000, 9000) };
    expect(await answerOf([large, tile])).toEqual(
      rejection('too-many-pixels', new RegExp(`has 81\\.0 megapixels \\(9000 x 9000\\); ${most}`)),
    );
  });

  it('from pictures that take more pixels together than are accepted is refused', async () => {
    const large = coded(2, 5000, 4000);
    expect(await answerOf([overlay(1, 64, 64, times(3, 2)), large])).toMatchObject({ width: 64 });
    expect(await answerOf([overlay(1, 64, 64, times(4, 2)), large])).toEqual(
      rejection('too-many-pixels', /takes at least 80\.0 megapixels; at most 60 are accepted as AVIF/),
    );
  });

  it('from pictures that are put together themselves counts each as often as it is decoded', async () => {
    const small = coded(9, 1000, 1000);
    const nested = (count: number) => [
      overlay(1, 64, 64, times(count, 2)),
      overlay(2, 64, 64, times(count, 3)),
      identity(3, 64, 64, [4]),
      overlay(4, 64, 64, times(count, 9)),
      small,
    ];
    // Whether the decoder goes along with so much of it is not what is asked.
    expect(await answerOf(nested(3))).not.toMatchObject({ code: 'too-many-pixels' });
    expect(await answerOf(nested(4))).toEqual(rejection('too-many-pixels', /at least 61\.0 megapixels/));
    const canvases = [overlay(1, 64, 64, times(4, 2)), overlay(2, 5000, 4000, [3]), coded(3, 64, 64)];
    expect(await answerOf(canvases)).toEqual(rejection('too-many-pixels', /at least 60\.0 megapixels/));
  });

  it('from thousands of the smallest pictures is refused', async () => {
    const tile = { ...sized(codedTile(), 1, 1), id: 2 };
    const items = [overlay(1, 64, 64, times(20_000, 2)), tile];
    expect(() => checkHeif(heifFile(items, { brand: 'heic' }), 'heic')).toThrow(
      rejection('too-many-pixels', /at least 75\.0 megapixels; at most 75 are accepted as HEIC/),
    );
  });

  it('without end, or from too many in a row, is refused', async () => {
    const endless = [identity(1, 64, 64, [2]), identity(2, 64, 64, [1])];
    expect(await answerOf(endless)).toEqual(rejection('corrupt-image', /without end/));
    const widening = [overlay(1, 1, 1, times(9, 1))];
    expect(await answerOf(widening)).toEqual(rejection('corrupt-image', /without end/));
    const row = Array.from({ length: 9 }, (_, i) => identity(1 + i, 64, 64, [2 + i]));
    expect(await answerOf([...row, coded(10, 64, 64)])).toEqual(rejection('corrupt-image', /without end/));
    expect(await answerOf([...row.slice(1), coded(10, 64, 64)])).not.toMatchObject({ detail: /without end/ });
  });

  it('from a picture that is missing, unknown or empty is refused', async () => {
    const unknown = /missing or of an unknown kind/;
    const { refs, ...alone } = identity(2, 64, 64, []);
    for (const [items, detail] of [
      [[identity(1, 64, 64, [7])], /no size/],
      [[identity(1, 64, 64, [2]), { ...coded(2, 64, 64), properties: [] }], /no size/],
      [[identity(1, 64, 64, [2]), { ...alone, type: 'tili' }], unknown],
      [[coded(1, 64, 64, { data: Buffer.alloc(4) })], /empty/],
      [[{ ...grid(1, [64, 64], [1, 1], [2]), data: Buffer.alloc(3) }, coded(2, 64, 64)], /missing/],
    ] as const) {
      expect(await answerOf(items)).toEqual(rejection('corrupt-image', detail));
    }
  });
});

describe('a photo of one picture', () => {
  it.each([
    ['a HEIC', heicPhoto],
    ['a HEIC that is turned', turnedHeicPhoto],
    ['a HEIC with EXIF', heicPhotoWithExif],
  ])('is taken: %s', (_, bytes) => {
    expect(() => checkHeif(bytes(), 'heic')).not.toThrow();
  });

  it.each([
    ['with alpha', { channels: 4 as const, background: '#ff000080' }, {}],
    ['of ten bits', { channels: 3 as const, background: '#204060' }, { bitdepth: 10 as const }],
    ['without losses', { channels: 3 as const, background: '#204060' }, { lossless: true }],
  ])('is taken: an AVIF %s', async (_, create, options) => {
    const bytes = await sharp({ create: { width: 48, height: 32, ...create } })
      .avif(options)
      .toBuffer();
    expect(await inspectImage(bytes)).toMatchObject({ format: 'avif', width: 48, height: 32 });
  });

  it('that is small only as it is shown is refused', async () => {
    const large = /^The photo has 67\.1 megapixels \(8192 x 8192\); at most 40 are accepted as AVIF\.$/;
    const within = /^A picture that the photo is made of has 67\.1 megapixels \(8192 x 8192\); at most 40/;
    const crop = { properties: [clap(64, 64)] };
    for (const [items, detail] of [
      [[coded(1, 8192, 8192, crop)], large],
      [[coded(1, 64, 64, { properties: [ispe(8192, 8192)] })], large],
      [[coded(1, 8192, 8192, { properties: [ispe(64, 64)] })], large],
      [[grid(1, [64, 64], [1, 1], [2]), coded(2, 8192, 8192)], within],
      [[identity(1, 64, 64, [2]), coded(2, 8192, 8192, crop)], within],
    ] as const) {
      for (const isWide of [false, true]) {
        // Not by what inspectImage makes of the size that is shown.
        expect(() => checkHeif(heifFile(items, { isWide }), 'avif')).toThrow(
          rejection('too-many-pixels', detail),
        );
      }
    }
    const tile = { ...sized(codedTile(), 8192, 8192), id: 1 };
    expect(await answerOf([tile], { brand: 'heic' })).toEqual(
      rejection('too-many-pixels', /67\.1 megapixels .* at most 50 are accepted as HEIC/),
    );
  });

  it('is cropped to what is shown where it is not too large', async () => {
    expect(await answerOf([coded(1, 4096, 4096, { properties: [clap(64, 64)] })])).toMatchObject({
      width: 64,
      height: 64,
    });
  });

  it('of more frames than are accepted together is refused, wherever they stand', async () => {
    const frames = (count: number) => Buffer.concat(Array.from({ length: count }, () => picture.data));
    const configured = (count: number) =>
      picture.properties
        .filter((property) => property.toString('latin1', 4, 8) === 'av1C')
        .map((property) => box('av1C', property.subarray(8), frames(count)));
    const withZeros = Buffer.concat(Array.from({ length: 15 }, () => [picture.data, Buffer.alloc(3)]).flat());
    for (const item of [
      coded(1, 2000, 2000, { data: frames(16) }),
      coded(1, 2000, 2000, { data: frames(16), isHalved: true }),
      coded(1, 2000, 2000, { data: Buffer.concat([withZeros, picture.data]) }),
      coded(1, 2000, 2000, { properties: configured(15) }),
      coded(1, 2000, 2000, { properties: [...configured(8), ...configured(7)] }),
    ]) {
      for (const isWide of [false, true]) {
        expect(await answerOf([item], { isWide })).toEqual(
          rejection('too-many-pixels', /at least 64\.0 megapixels/),
        );
        const inside = [identity(3, 64, 64, [1]), item];
        expect(await answerOf(inside, { isWide })).toMatchObject({ code: 'too-many-pixels' });
      }
    }
    expect(await answerOf([coded(1, 2000, 2000, { data: frames(15) })])).toMatchObject({ width: 2000 });
  });

  it('is of as many frames as its units say, however these are written', async () => {
    // AV1 specification, 5.3.2 and 4.10.5: 300 in two bytes; the third bit announces a byte more, the second a length.
    const lookalikes = Buffer.alloc(300, picture.data);
    const header = Buffer.concat([u8((3 << 3) | 4 | 2, 0, 0xac, 0x02), lookalikes]);
    const padding = Buffer.concat([u8((15 << 3) | 2, 0xac, 0x02), lookalikes]);
    const fifteen = Buffer.concat([padding, ...Array.from({ length: 15 }, () => header)]);
    const last = Buffer.concat([u8(6 << 3), lookalikes]);
    expect(() => checkHeif(heifFile([coded(1, 2000, 2000, { data: fifteen })]), 'avif')).not.toThrow();
    const sixteen = heifFile([coded(1, 2000, 2000, { data: Buffer.concat([fifteen, last]) })]);
    expect(() => checkHeif(sixteen, 'avif')).toThrow(rejection('too-many-pixels', /at least 64\.0 mega/));
  });

  it('of thousands of the smallest frames is refused', async () => {
    const data = Buffer.concat(Array.from({ length: 15_000 }, () => picture.data));
    expect(await answerOf([coded(1, 1, 1, { data })])).toEqual(
      rejection('too-many-pixels', /at least 983\.0 megapixels/),
    );
  });

  it('that belongs to another one is refused, for that one would be shown', async () => {
    const other = coded(2, 4096, 4096, { properties: [clap(64, 64)] });
    for (const items of [
      [coded(1, 64, 64, { refs: { thmb: [2] } }), other],
      [coded(1, 64, 64, { refs: { auxl: [2] }, properties: [auxC(DEPTH)] }), other],
      [coded(1, 64, 64), other, { id: 3, type: 'rgan', properties: [], refs: { cdsc: [2], mask: [1] } }],
    ]) {
      expect(await answerOf(items)).toEqual(rejection('corrupt-image', /main picture belongs to another/));
    }
  });
});

describe('what else a file holds', () => {
  const alpha = (of: readonly number[], urn = ALPHA) => ({
    refs: { auxl: of },
    properties: [auxC(urn), box('pasp', u32(1, 1))],
  });

  it('counts apart where it is alpha, of the photo or of its parts', async () => {
    const large = coded(1, 6000, 6000);
    expect(await answerOf([large, coded(2, 6000, 6000, alpha([1]))])).toMatchObject({ hasAlpha: true });
    const tiled = grid(1, [6000, 6000], [12, 12], times(144, 3));
    const plane = { ...tiled, id: 2, properties: [...tiled.properties, auxC(ALPHA)] };
    const both = [tiled, { ...plane, refs: { ...plane.refs, auxl: [1] } }, coded(3, 512, 512)];
    expect(await answerOf(both)).toMatchObject({ width: 6000, hasAlpha: true });
    for (const urn of [ALPHA, 'urn:mpeg:hevc:2015:auxid:1', 'urn:mpeg:avc:2015:auxid:1']) {
      expect(await answerOf([coded(1, 64, 64), coded(2, 8192, 8192, alpha([1], urn))])).toEqual(
        rejection('too-many-pixels', /67\.1 megapixels/),
      );
    }
    const tiles = [overlay(1, 64, 64, times(4, 2)), coded(2, 64, 64), coded(3, 5000, 4000, alpha([2]))];
    expect(await answerOf(tiles)).toEqual(rejection('too-many-pixels', /at least 80\.0 megapixels/));
    const layers = overlay(2, 64, 64, times(4, 3));
    const layered = {
      ...layers,
      properties: [...layers.properties, auxC(ALPHA)],
      refs: { ...layers.refs, auxl: [1] },
    };
    expect(
      await answerOf([coded(1, 64, 64), layered, overlay(3, 5000, 4000, [4]), coded(4, 64, 64)]),
    ).toEqual(rejection('too-many-pixels', /at least 60\.0 megapixels/));
  });

  it('does not count where nothing that is shown needs it', async () => {
    const size = [9000, 9000] as const;
    expect(
      await answerOf([
        { ...identity(1, 64, 64, [7]), refs: { dimg: [7], base: [2] } },
        coded(2, ...size),
        coded(3, ...size, { refs: { thmb: [1] } }),
        coded(4, ...size, alpha([1], DEPTH)),
        coded(5, ...size, alpha([1], GAIN_MAP)),
        coded(8, ...size, alpha([1], `${ALPHA}s`)),
        coded(6, ...size, alpha([2])),
        coded(7, 64, 64),
      ]),
    ).toMatchObject({ width: 64, height: 64, hasAlpha: false });
  });
});

describe('a file whose boxes', () => {
  const file = (options: HeifOptions = {}) =>
    heifFile([grid(1, [64, 64], [1, 1], [2]), coded(2, 64, 64)], { hasIdat: true, ...options });
  const corrupt = (bytes: Buffer, detail: RegExp) =>
    expect(() => checkHeif(bytes, 'avif')).toThrow(rejection('corrupt-image', detail));

  /** A box whose length has 64 bits. */
  const long = (type: string, body: Buffer) =>
    Buffer.concat([u32(1), Buffer.from(type), u32(0, 16 + body.length), body]);

  /** Where a box begins. */
  const at = (bytes: Buffer, type: string) => bytes.indexOf(Buffer.from(type, 'latin1')) - 4;

  /** The file with other numbers of 32 bits so many bytes into a box. */
  function changed(bytes: Buffer, type: string, offset: number, value: number): Buffer {
    const copy = Buffer.from(bytes);
    copy.writeUInt32BE(value, at(bytes, type) + offset);
    return copy;
  }

  it.each(['pitm', 'iinf', 'iref', 'iprp', 'iloc', 'idat'])('stand twice is refused: %s', (type) => {
    corrupt(file({ inMeta: [fullBox(type, 0, 0, u16(0, 0))] }), new RegExp(`two boxes ${type}`));
  });

  it.each(['pitm', 'iinf', 'iprp', 'iloc', 'ipco'])('are missing is refused: %s', (type) => {
    const bytes = file();
    bytes.write('free', at(bytes, type) + 4, 'latin1');
    corrupt(bytes, new RegExp(`no box ${type}`));
  });

  it('tell of two collections of pictures, or in another format, is refused', () => {
    const bytes = file();
    const meta = bytes.subarray(at(bytes, 'meta'), at(bytes, 'mdat'));
    corrupt(file({ after: [meta] }), /two boxes meta/);
    corrupt(bytes.subarray(0, at(bytes, 'meta')), /no picture in it/);
    expect(() => checkHeif(file({ after: [box('mini', Buffer.alloc(40))] }), 'avif')).toThrow(
      rejection('unsupported-format', /./),
    );
  });

  it('tell twice of a picture is refused', () => {
    corrupt(heifFile([coded(1, 64, 64), coded(1, 64, 64)]), /lists a picture twice/);
    const places = file();
    places.writeUInt16BE(1, at(places, 'iloc') + 12 + 4 + 16);
    corrupt(places, /says twice where/);
  });

  it('are longer than what they are in, or have no length, is refused', () => {
    const bytes = file();
    const { length } = bytes;
    for (const type of ['iinf', 'iprp', 'ispe', 'infe', 'dimg']) {
      corrupt(changed(bytes, type, 0, length), /a part of it is missing/);
      corrupt(changed(bytes, type, 0, 7), /a part of it is missing/);
    }
    corrupt(bytes.subarray(0, length - 1), /a part of it is missing/);
    const photo = heicPhoto();
    corrupt(photo.subarray(0, photo.length - 1), /a part of it is missing/);
  });

  it('are followed by other things, or mixed with them, are read', () => {
    const nothing = Buffer.concat([u32(1), Buffer.from('SEFT'), u32(0, 0)]);
    const old = fullBox('infe', 0, 0, u16(7, 0), u8(0));
    const bytes = file({ inItems: [box('free'), old], inMeta: [box('free')], after: [nothing] });
    // The bits before those that say how data are found are reserved.
    bytes.writeUInt16BE(0xfff1, at(bytes, 'iloc') + 12 + 4 + 2);
    expect(() => checkHeif(bytes, 'avif')).not.toThrow();
  });

  it('lead to data that are not there is refused', () => {
    const bytes = file();
    for (const entry of [0, 1]) {
      corrupt(changed(bytes, 'iloc', 12 + 4 + 16 * entry + 8, bytes.length), /a part of it is missing/);
      corrupt(changed(bytes, 'iloc', 12 + 4 + 16 * entry + 12, bytes.length), /a part of it is missing/);
    }
    const elsewhere = file();
    elsewhere.writeUInt16BE(2, at(elsewhere, 'iloc') + 12 + 4 + 2);
    corrupt(elsewhere, /a part of it is missing/);
  });

  it.each([
    [8, 0x42],
    [8, 0x34],
    [9, 0x20],
    [9, 0x0f],
  ])(
    'say where data are in numbers that decoders do not read is refused: byte %i is %i',
    (offset, widths) => {
      const bytes = file();
      bytes.writeUInt8(widths, at(bytes, 'iloc') + 4 + offset);
      corrupt(bytes, /numbers of an unknown length/);
    },
  );

  it('have lengths of 64 bits, or reach to the end, are read like others', () => {
    const toTheEnd = Buffer.concat([u32(0), Buffer.from('idat'), u32(0, 0)]);
    corrupt(file({ inMeta: [long('free', u32(0)), toTheEnd] }), /two boxes idat/);
    const tile = { ...sized(codedTile(), 8192, 8192), id: 2 };
    const bytes = heifFile([grid(1, [64, 64], [1, 1], [2]), tile], { brand: 'heic', hasIdat: true });
    const meta = bytes.subarray(at(bytes, 'meta') + 8, at(bytes, 'mdat'));
    const head = bytes.subarray(0, at(bytes, 'meta'));
    for (const whole of [long('meta', meta), Buffer.concat([u32(0), Buffer.from('meta'), meta])]) {
      expect(() => checkHeif(Buffer.concat([head, whole]), 'heic')).toThrow(
        rejection('too-many-pixels', /67\.1 megapixels/),
      );
    }
  });

  it('hold more than is read of any file is refused, after no more steps than that', () => {
    const many = times(60_000, 2);
    const bytes = heifFile([coded(1, 64, 64, { refs: { dimg: many, cdsc: many, base: many, prem: many } })]);
    const { steps, problem } = stepsOf(bytes, 'avif');
    expect(problem).toEqual(rejection('corrupt-image', /too many boxes/));
    expect(steps).toBeLessThan(200_000);
    const parts = Buffer.concat([
      bytes.subarray(0, at(bytes, 'meta')),
      Buffer.alloc(8 * 200_000, box('free')),
    ]);
    corrupt(parts, /too many boxes/);
  });
});

describe('any change of a file', () => {
  /** Something that is done to a file at a place in it. */
  const change = fc.tuple(
    fc.constantFrom('flip', 'number', 'cut', 'box', 'again'),
    fc.nat(),
    fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1)),
    fc.constantFrom(
      'meta',
      'iprp',
      'ipco',
      'ipma',
      'ispe',
      'auxC',
      'iinf',
      'infe',
      'iref',
      'dimg',
      'auxl',
      'iloc',
      'idat',
      'av1C',
    ),
  );

  function changed(bytes: Buffer, [what, where, value, type]: [string, number, number, string]): Buffer {
    // Most of the bytes are pixels, of which nothing is read.
    const at = where % Math.min(bytes.length, where % 4 === 0 ? bytes.length : 700);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    if (what === 'flip') return Buffer.concat([before, u32(value).subarray(3), after.subarray(1)]);
    if (what === 'number') return Buffer.concat([before, u32(value), after.subarray(4)]);
    if (what === 'cut') return before;
    if (what === 'box') return Buffer.concat([before, box(type, u32(value, value, value)), after]);
    return Buffer.concat([before, after.subarray(0, value % 256), after]);
  }

  it('gives nothing or a rejection, in steps that grow with the file', async () => {
    const picture = sharp({ create: { width: 16, height: 16, channels: 4, background: '#ff000080' } });
    const plane = coded(3, 64, 64, { properties: [auxC(ALPHA)], refs: { auxl: [1] } });
    const tiles = [grid(1, [100, 70], [2, 2], times(4, 2)), coded(2, 64, 64), plane];
    const photos = [
      await picture.avif().toBuffer(),
      heifFile(tiles, { hasIdat: true }),
      heifFile(tiles, { isWide: true }),
      heifFile(phonePhoto([1000, 1000], [2, 2], codedTile()), { brand: 'heic' }),
      heicPhoto(),
      heicPhotoWithExif(),
    ];
    let refused = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...photos),
        fc.array(change, { minLength: 1, maxLength: 5 }),
        (photo, changes) => {
          const bytes = changes.reduce(changed, photo);
          const { steps, problem } = stepsOf(bytes, 'avif');
          if (problem !== undefined) expect(problem).toBeInstanceOf(ImageRejected);
          if (problem !== undefined) refused += 1;
          expect(steps).toBeLessThan(2 * bytes.length + 100);
        },
      ),
      { numRuns: 3_000 },
    );
    // Both were seen often.
    expect(refused).toBeGreaterThan(500);
    expect(refused).toBeLessThan(2_900);
  });
});
