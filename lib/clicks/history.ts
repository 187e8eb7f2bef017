import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { isMissing, s3 } from '../aws/s3.ts';
import { env } from '../env.ts';
import type { ClickRecord } from './click.ts';
import { folderOf, readClicks, storedClicks } from './stored.ts';

/** The whole clickstream in one object, so that each training reads the new files only. */
const KEY = 'models/history.json.gz';
/** Firehose tries to store a file for a day, and names it by when its first record came. */
const LATE_MS = 25 * 3_600_000;
/** Beyond it the oldest interactions are left out: training on more takes longer than it brings. */
const MAX_INTERACTIONS = 1_000_000;
/** The newest of one person, several to each of the thousand photos that count, or a machine crowds everybody out. */
const MAX_OF_A_PERSON = 5_000;
const READS_AT_ONCE = 8;
const DAY_MS = 86_400_000;

/** All there is to learn from. */
export interface History {
  /** Each once, with what a model learns from; sessions and the like are left out. */
  readonly records: readonly ClickRecord[];
  /** Keys of the files that were read of the time in which more may still come. */
  readonly files: readonly string[];
  /** When files were looked for, in milliseconds since 1970. */
  readonly at: number;
}

const EMPTY: History = { records: [], files: [], at: 0 };

/** What was known at the last training; nothing before the first. */
export async function readHistory(): Promise<History> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: env.CLICKS_BUCKET, Key: KEY }));
    return await unpacked(Body as Readable);
  } catch (error) {
    if (isMissing(error)) return EMPTY;
    throw error;
  }
}

/**
 * The history with what has arrived since, and whether anything has. A file of an hour that is long past is found
 * too, as long as it came within the day that Firehose tries.
 */
export async function advanced(history: History, now: Date): Promise<{ history: History; isNew: boolean }> {
  const since = folderOf(new Date(Math.max(0, history.at - LATE_MS)));
  const listed = await storedClicks(since);
  const known = new Set(history.files);
  const fresh = listed.filter((key) => !known.has(key));
  let records = byId(history.records);
  for (let from = 0; from < fresh.length; from += READS_AT_ONCE) {
    const read = await Promise.all(fresh.slice(from, from + READS_AT_ONCE).map(readClicks));
    for (const record of read.flatMap((each) => each.records)) records.set(record.id, trimmed(record));
    if (records.size > 2 * MAX_INTERACTIONS) records = byId(kept([...records.values()], now));
  }
  const next = folderOf(new Date(now.getTime() - LATE_MS));
  return {
    history: {
      records: kept([...records.values()], now),
      files: listed.filter((key) => key >= next),
      at: now.getTime(),
    },
    isNew: fresh.length > 0,
  };
}

/** Keeps the history for the next training. */
export async function writeHistory({ records, files, at }: History): Promise<void> {
  const packer = createGzip();
  const chunks: Buffer[] = [];
  packer.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = once(packer, 'end');
  packer.write(`${JSON.stringify({ files, at })}\n`);
  for (const record of records) {
    if (!packer.write(`${JSON.stringify(record)}\n`)) await once(packer, 'drain');
  }
  packer.end();
  await ended;
  const Body = Buffer.concat(chunks);
  await s3.send(new PutObjectCommand({ Bucket: env.CLICKS_BUCKET, Key: KEY, Body }));
}

async function unpacked(body: Readable): Promise<History> {
  const lines = createInterface({ input: body.pipe(createGunzip()) });
  const records: ClickRecord[] = [];
  let head = { files: [] as string[], at: 0 };
  let first = true;
  for await (const line of lines) {
    if (first) head = JSON.parse(line);
    else records.push(JSON.parse(line));
    first = false;
  }
  return { ...head, records };
}

function byId(records: readonly ClickRecord[]): Map<string, ClickRecord> {
  return new Map(records.map((record) => [record.id, record]));
}

/** What a model learns from: half a million records must fit into a function's memory. */
function trimmed(record: ClickRecord): ClickRecord {
  if (record.kind !== 'interaction') return record;
  const { session: _, recommendationId: __, position: ___, surface: ____, ...rest } = record;
  return { ...rest, session: '' };
}

/** The newest interactions within the time that the clickstream is kept, and what is known of photos. */
function kept(records: readonly ClickRecord[], now: Date): ClickRecord[] {
  const oldest = now.getTime() - env.CLICKS_RETENTION * DAY_MS;
  const interactions = records.filter(
    (record) => record.kind === 'interaction' && record.receivedAt >= oldest,
  ) as Extract<ClickRecord, { kind: 'interaction' }>[];
  const ofPerson = new Map<string, number>();
  const newest = interactions
    .sort((a, b) => b.receivedAt - a.receivedAt)
    .filter(({ person }) => {
      const count = (ofPerson.get(person) ?? 0) + 1;
      ofPerson.set(person, count);
      return count <= MAX_OF_A_PERSON;
    })
    .slice(0, MAX_INTERACTIONS);
  const photos = new Map<string, Extract<ClickRecord, { kind: 'photo' }>>();
  for (const record of records) {
    if (record.kind !== 'photo') continue;
    if (record.version >= (photos.get(record.photoId)?.version ?? 0)) photos.set(record.photoId, record);
  }
  return [...photos.values(), ...newest];
}
