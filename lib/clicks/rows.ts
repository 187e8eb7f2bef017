import type { Interactions, Items } from '../recommendations/interactions.ts';
import { type ClickRecord, clickRecord, type InteractionRecord, type PhotoRecord } from './click.ts';

/** Lines of the clickstream that could be read, and how many couldn't. */
export interface ParsedClicks {
  readonly records: ClickRecord[];
  readonly refused: number;
}

/** Reads newline-delimited JSON as the clickstream stores it; lines that aren't records are counted, not thrown. */
export function parseClicks(text: string): ParsedClicks {
  const records: ClickRecord[] = [];
  let refused = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const { success, data } = clickRecord.safeParse(jsonOf(line));
    if (success) records.push(data);
    else refused += 1;
  }
  return { records, refused };
}

/** What there is to learn from. */
export interface Rows {
  readonly interactions: Interactions;
  readonly items: Items;
}

/**
 * What a model learns from, out of records in any order that may come twice. Of photos the highest version counts, and
 * those that are gone are left out with all that was done with them; so are people to be forgotten, also as owners. A
 * like that was taken back after counts as a view. Time and memory grow as the records do.
 */
export function rowsOf(records: Iterable<ClickRecord>, forget: ReadonlySet<string> = new Set()): Rows {
  const interactions = new Map<string, InteractionRecord>();
  const photos = new Map<string, PhotoRecord>();
  for (const record of records) {
    if (record.kind === 'photo') {
      photos.set(record.photoId, newer(photos.get(record.photoId), record));
    } else if (record.kind === 'interaction' && !forget.has(record.person)) {
      interactions.set(record.id, earlier(interactions.get(record.id), record));
    }
  }
  const left = [...interactions.values()].filter(({ photoId }) => !photos.get(photoId)?.gone);
  return {
    interactions: interactionsOf(left),
    items: itemsOf(
      [...photos.values()].filter(({ gone }) => !gone),
      forget,
    ),
  };
}

function interactionsOf(records: readonly InteractionRecord[]): Interactions {
  const isTakenBack = takenBack(records);
  const rows = records.filter(({ type }) => type !== 'unlike' && type !== 'upload');
  return {
    persons: rows.map(({ person }) => person),
    photos: rows.map(({ photoId }) => photoId),
    types: rows.map((row) => (row.type === 'like' && isTakenBack(row) ? 'view' : row.type)),
    times: Float64Array.from(rows, ({ at }) => at),
    values: Float64Array.from(rows, ({ value }) => value ?? Number.NaN),
  };
}

function itemsOf(photos: readonly PhotoRecord[], forget: ReadonlySet<string>): Items {
  return {
    photos: photos.map(({ photoId }) => photoId),
    tags: photos.map(({ tags }) => tags),
    owners: photos.map(({ owner = '' }) => (forget.has(owner) ? '' : owner)),
    createdAt: Float64Array.from(photos, ({ createdAt }) => createdAt),
  };
}

/** Whether the person took their like of the photo back after they last gave it. */
function takenBack(records: readonly InteractionRecord[]): (like: InteractionRecord) => boolean {
  const newest = { like: new Map<string, number>(), unlike: new Map<string, number>() };
  const keyOf = ({ person, photoId }: InteractionRecord) => `${person} ${photoId}`;
  for (const record of records) {
    if (record.type !== 'like' && record.type !== 'unlike') continue;
    const times = newest[record.type];
    times.set(keyOf(record), Math.max(record.at, times.get(keyOf(record)) ?? record.at));
  }
  return (like) => {
    const unliked = newest.unlike.get(keyOf(like));
    return unliked !== undefined && unliked > (newest.like.get(keyOf(like)) as number);
  };
}

/** Which of two copies of a record counts must not depend on which comes first. */
function earlier(known: InteractionRecord | undefined, record: InteractionRecord): InteractionRecord {
  return known === undefined || record.receivedAt < known.receivedAt ? record : known;
}

function newer(known: PhotoRecord | undefined, record: PhotoRecord): PhotoRecord {
  if (known === undefined || record.version > known.version) return record;
  return record.version === known.version && record.gone ? record : known;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
