import type { ClickRecord, InteractionRecord, PhotoRecord } from '../../lib/clicks/click.ts';
import { type Rows, rowsOf } from '../../lib/clicks/rows.ts';
import type { ReplayPhoto } from '../../lib/recommendations/replay.ts';

/** What was recorded, cut in two by time. */
export interface Timeline {
  /** Milliseconds since 1970: what came before is learnt, what came from then on is replayed. */
  readonly from: number;
  readonly until: number;
  readonly rows: Rows;
  readonly events: readonly InteractionRecord[];
  readonly photos: readonly ReplayPhoto[];
}

/**
 * Cuts what was recorded at a share of the interactions. A photo is known from when it was made, and gone from when
 * that arrived, so that nothing is learnt that wasn't known then but tags that changed later.
 * @throws Error if either part would be empty
 */
export function timelineOf(records: readonly ClickRecord[], share: number): Timeline {
  const events = new Map<string, InteractionRecord>();
  for (const record of records) if (record.kind === 'interaction') events.set(record.id, record);
  const times = Float64Array.from(events.values(), ({ at }) => at).sort();
  const from = times[Math.floor(times.length * share)];
  const [first, until] = [times[0] ?? 0, times.at(-1) ?? 0];
  if (from === undefined || from === first) {
    throw new Error(
      `Expected interactions of some time, to learn from the first ${share * 100} % of them, got ${times.length}.`,
    );
  }
  return {
    from,
    until,
    rows: rowsOf(records.filter((record) => timeOf(record) < from)),
    events: [...events.values()],
    photos: photosOf(records),
  };
}

function timeOf(record: ClickRecord): number {
  if (record.kind !== 'photo') return record.at;
  return record.gone ? record.receivedAt : record.createdAt;
}

/** What is known of each photo by its newest record, and since when it is gone if that says so. */
function photosOf(records: readonly ClickRecord[]): ReplayPhoto[] {
  const all = records.filter((record) => record.kind === 'photo');
  return [...Map.groupBy(all, ({ photoId }) => photoId).values()].map((versions) => {
    const newest = versions.reduce(newer);
    // A photo that is gone may have lost its tags and owner.
    const { photoId, owner, tags, createdAt } =
      versions.filter(({ gone }) => !gone).reduce<PhotoRecord | undefined>(newer, undefined) ?? newest;
    const goneAt = newest.gone ? newest.receivedAt : undefined;
    return { photoId, owner, tags, createdAt, goneAt };
  });
}

function newer(one: PhotoRecord | undefined, other: PhotoRecord): PhotoRecord {
  return one === undefined || other.version > one.version ? other : one;
}
