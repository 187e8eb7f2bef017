import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { type FactorOptions, gramOfBytes } from './factors.ts';
import { type Learnt, type Model, type Recipes, ready } from './model.ts';

/** What an artefact starts with. */
const MAGIC = 0x4150524d;
/** To be raised whenever what follows is read differently. */
const VERSION = 1;
/** Magic, version, the length of the whole, of the head, and the checksum of that and all that follows. */
const START_BYTES = 20;
const ALIGNMENT = 8;

/** A buffer isn't a model that this version can read; `message` says why. */
export class ArtefactRefused extends Error {
  override readonly name = 'ArtefactRefused';
}

const ARRAYS = { Uint32Array, Float32Array, Uint16Array, Int8Array } as const;
type Column = Uint32Array | Float32Array | Uint16Array | Int8Array;

interface Head {
  readonly scalars: {
    readonly factors: FactorOptions;
    readonly recipes: Recipes;
    readonly easePenalty: number;
    readonly until: number;
  };
  readonly textBytes: number;
  readonly columns: readonly { readonly type: keyof typeof ARRAYS; readonly length: number }[];
}

/**
 * A model as bytes: a start of five big-endian words, a head in JSON, ids and tags deflated, then columns as they lie
 * in memory, little-endian. At most 16 MB for 100 000 photos with ids of 26 characters and a few tags each.
 */
export function serialize(model: Model): Buffer {
  const columns = columnsOf(model);
  const text = deflateRawSync(JSON.stringify({ photoIds: model.photoIds, tags: model.tags.names }));
  const head: Head = {
    scalars: {
      factors: model.factors.options,
      recipes: model.recipes,
      easePenalty: model.easePenalty,
      until: model.until,
    },
    textBytes: text.length,
    columns: columns.map((column) => ({
      type: column.constructor.name as keyof typeof ARRAYS,
      length: column.length,
    })),
  };
  const json = Buffer.from(JSON.stringify(head));
  const start = Buffer.alloc(START_BYTES);
  const rest = [json, text, ...columns.map(bytesOf)].map(aligned);
  const body = Buffer.concat(rest);
  for (const [word, value] of [
    MAGIC,
    VERSION,
    START_BYTES + body.length,
    json.length,
    crc32(body, json.length),
  ].entries()) {
    start.writeUInt32BE(value, 4 * word);
  }
  return Buffer.concat([start, body]);
}

/**
 * The model that was serialised to this buffer; it answers exactly as the one before.
 * @throws ArtefactRefused if the buffer is no such model, of another version, cut off or damaged.
 */
export function load(buffer: Buffer): Model {
  const words = Array.from({ length: 5 }, (_, word) =>
    buffer.length < START_BYTES ? 0 : buffer.readUInt32BE(4 * word),
  );
  const [magic, version, length, headBytes = 0, checksum] = words;
  if (magic !== MAGIC) throw new ArtefactRefused('Expected a recommendation model, received something else.');
  if (version !== VERSION) {
    throw new ArtefactRefused(`Expected a model of version ${VERSION}, received version ${version}.`);
  }
  if (length !== buffer.length) {
    throw new ArtefactRefused(`Expected a model of ${length} bytes, received ${buffer.length} bytes.`);
  }
  // Columns are views of this copy, which lies as they need it.
  const body = Buffer.from(new Uint8Array(buffer.subarray(START_BYTES)).buffer);
  if (crc32(body, headBytes) !== checksum)
    throw new ArtefactRefused('Expected an undamaged model, its checksum is wrong.');
  const head = JSON.parse(body.subarray(0, headBytes).toString()) as Head;
  let at = alignedTo(headBytes);
  const text = JSON.parse(inflateRawSync(body.subarray(at, at + head.textBytes)).toString()) as {
    photoIds: string[];
    tags: string[];
  };
  at += alignedTo(head.textBytes);
  const columns = head.columns.map(({ type, length: count }) => {
    const column = new ARRAYS[type](body.buffer as ArrayBuffer, body.byteOffset + at, count);
    at += alignedTo(column.byteLength);
    return column;
  });
  return ready(learntFrom(head.scalars, text, columns));
}

function columnsOf({ cosines, followers, ease, factors, tags, ...model }: Learnt): Column[] {
  return [
    model.owners,
    model.createdAt,
    model.support,
    model.trend,
    model.impressions,
    model.clicks,
    ...[cosines, followers, ease].flatMap(({ starts, photos, values }) => [starts, photos, values]),
    factors.bytes,
    factors.scales,
    tags.rarity,
    tags.starts,
    tags.tags,
  ];
}

function learntFrom(
  { factors, ...scalars }: Head['scalars'],
  { photoIds, tags }: { photoIds: readonly string[]; tags: readonly string[] },
  columns: Column[],
): Learnt {
  const next = <T extends Column>() => columns.shift() as T;
  const neighbours = () => ({
    starts: next<Uint32Array>(),
    photos: next<Uint32Array>(),
    values: next<Float32Array>(),
  });
  return {
    photoIds,
    owners: next<Uint32Array>(),
    createdAt: next<Uint32Array>(),
    support: next<Uint32Array>(),
    trend: next<Float32Array>(),
    impressions: next<Uint16Array>(),
    clicks: next<Uint16Array>(),
    cosines: neighbours(),
    followers: neighbours(),
    ease: neighbours(),
    factors: factorsFrom(factors, next<Int8Array>(), next<Float32Array>()),
    tags: {
      names: tags,
      rarity: next<Float32Array>(),
      starts: next<Uint32Array>(),
      tags: next<Uint16Array>(),
    },
    ...scalars,
  };
}

function factorsFrom(options: FactorOptions, bytes: Int8Array, scales: Float32Array): Learnt['factors'] {
  return { options, bytes, scales, gram: gramOfBytes(options, bytes, scales) };
}

function bytesOf(column: Column): Buffer {
  return Buffer.from(column.buffer as ArrayBuffer, column.byteOffset, column.byteLength);
}

function aligned(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(alignedTo(bytes.length) - bytes.length)]);
}

function alignedTo(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}
