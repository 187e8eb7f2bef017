import { hashOf } from './random.ts';

/** What people did, as columns of equal length: row by row who, with which photo, what, and when. */
export interface Interactions {
  /** A key for a person; nothing else is known of them, and no model keeps it. */
  readonly persons: readonly string[];
  readonly photos: readonly string[];
  /** Types of `eventWeight`; others count for nothing. */
  readonly types: readonly string[];
  /** Milliseconds since 1970. */
  readonly times: ArrayLike<number>;
  /** The rating of rows of type `rating`, from 1 to 5. */
  readonly values?: ArrayLike<number>;
}

/** What is known of photos besides what people did, as columns of equal length. */
export interface Items {
  readonly photos: readonly string[];
  readonly tags: readonly (readonly string[])[];
  /** A key for the owner, or an empty text where that isn't known. */
  readonly owners?: readonly string[];
  /** Milliseconds since 1970. */
  readonly createdAt?: ArrayLike<number>;
}

/** The last pairs of a person that count, so that no machine that clicks all day outweighs everybody else. */
const MAX_HISTORY = 1_000;

/** The impressions of a photo on one person that count, or a machine that claims hundreds ends its being tried out. */
const MAX_IMPRESSIONS = 5;

const WEIGHTS: Readonly<Record<string, number>> = {
  view: 1,
  click: 1,
  dwell: 1,
  like: 3,
  comment: 3,
  share: 4,
  download: 4,
  purchase: 4,
  dismiss: -3,
};

/**
 * How much an interaction says about somebody's taste: 1 for a view, more for what takes more effort, less than 0 for
 * a dismissal or a rating of 1 or 2, and 0 for what says nothing, as an impression.
 */
export function eventWeight(type: string, value?: number): number {
  if (type !== 'rating') return Object.hasOwn(WEIGHTS, type) ? (WEIGHTS[type] as number) : 0;
  if (value === undefined || !Number.isFinite(value)) return 1;
  if (value >= 4) return 3;
  return value > 2 ? 1 : -3;
}

/** How strongly a person is tied to a photo in training: 1 for a view, growing slower than effort does. */
function strengthOf(weight: number): number {
  return 1 + Math.log(weight);
}

/**
 * Who is tied to which photo: people as rows in compressed sparse form, each row from the oldest pair to the newest.
 * Rows and photos are numbered in the order of their keys, so that the order in which interactions come in changes
 * nothing, to the last bit.
 */
export interface Pairs {
  readonly photoIds: readonly string[];
  readonly hashes: Uint32Array;
  /** By person: a number to draw samples by, which doesn't depend on who else there is. */
  readonly personHashes: Uint32Array;
  /** Where the pairs of a person start; one more than there are people. */
  readonly starts: Uint32Array;
  readonly photos: Uint32Array;
  readonly strengths: Float32Array;
  /** Milliseconds since 1970, of the newest interaction of the pair. */
  readonly times: Float64Array;
  /** By photo: how often it was shown, and how many people then did something with it. */
  readonly impressions: Uint32Array;
  readonly clicks: Uint32Array;
  /** The newest time of all interactions, in milliseconds since 1970. */
  readonly until: number;
}

interface Row {
  readonly photo: number;
  readonly type: string;
  readonly time: number;
  readonly weight: number;
}

/**
 * Sums up interactions as pairs. Each person counts once for a photo, by the strongest thing they did with it; not at
 * all if they dismissed it after. Repeated rows count once, times after `now` are taken for now and times that aren't
 * finite for the oldest; rows without a person or photo are left out, and so is everybody in `forget`.
 */
export function pairsOf(
  interactions: Interactions,
  items: Items,
  { now = Number.POSITIVE_INFINITY, forget = [] }: { now?: number; forget?: readonly string[] } = {},
): Pairs {
  const forgotten = new Set(forget);
  const rows = new Map<string, number[]>();
  const known = new Set(items.photos.filter((id) => id !== ''));
  for (let row = 0; row < interactions.persons.length; row += 1) {
    const person = interactions.persons[row];
    const photo = interactions.photos[row];
    if (!person || !photo || forgotten.has(person)) continue;
    known.add(photo);
    const own = rows.get(person);
    if (own) own.push(row);
    else rows.set(person, [row]);
  }
  const photoIds = [...known].sort();
  const index = new Map(photoIds.map((id, place) => [id, place]));
  const hashes = Uint32Array.from(photoIds, (id) => hashOf(id));
  const impressions = new Uint32Array(photoIds.length);
  const clicks = new Uint32Array(photoIds.length);
  let until = Number.NEGATIVE_INFINITY;

  const rowAt = (row: number): Row => {
    const time = interactions.times[row] as number;
    const type = interactions.types[row] as string;
    return {
      photo: index.get(interactions.photos[row] as string) as number,
      type,
      time: Number.isFinite(time) ? Math.min(time, now) : 0,
      weight: eventWeight(type, interactions.values?.[row]),
    };
  };
  const persons = [...rows.keys()].sort();
  const starts = new Uint32Array(persons.length + 1);
  const pairs: Pair[] = [];
  for (const [place, person] of persons.entries()) {
    const own = (rows.get(person) as number[]).map(rowAt);
    for (const { time } of own) until = Math.max(until, time);
    countShown(own, impressions, clicks);
    pairs.push(...tiedPairs(own, hashes));
    starts[place + 1] = pairs.length;
  }
  return {
    photoIds,
    hashes,
    personHashes: Uint32Array.from(persons, (person) => hashOf(person)),
    starts,
    photos: Uint32Array.from(pairs, ({ photo }) => photo),
    strengths: Float32Array.from(pairs, ({ weight }) => strengthOf(weight)),
    times: Float64Array.from(pairs, ({ time }) => time),
    impressions,
    clicks,
    until: Number.isFinite(until) ? until : 0,
  };
}

interface Pair {
  readonly photo: number;
  readonly time: number;
  readonly weight: number;
}

/** The pairs of one person's rows, oldest first; equal times are ordered by hash. */
function tiedPairs(rows: readonly Row[], hashes: Uint32Array): Pair[] {
  const liked = new Map<number, { photo: number; time: number; weight: number }>();
  const dismissed = new Map<number, number>();
  for (const { photo, time, weight } of rows) {
    if (weight < 0) dismissed.set(photo, Math.max(time, dismissed.get(photo) ?? time));
    if (weight <= 0) continue;
    const pair = liked.get(photo);
    if (!pair) liked.set(photo, { photo, time, weight });
    else {
      pair.time = Math.max(pair.time, time);
      pair.weight = Math.max(pair.weight, weight);
    }
  }
  return [...liked.values()]
    .filter(({ photo, time }) => time > (dismissed.get(photo) ?? Number.NEGATIVE_INFINITY))
    .sort((a, b) => a.time - b.time || (hashes[a.photo] as number) - (hashes[b.photo] as number))
    .slice(-MAX_HISTORY);
}

/** Counts each impression of a person once, a few at most, and once that they did something. */
function countShown(rows: readonly Row[], impressions: Uint32Array, clicks: Uint32Array): void {
  const shown = new Set<string>();
  const timesShown = new Map<number, number>();
  const clicked = new Set<number>();
  for (const { photo, type, time, weight } of rows) {
    const key = `${photo} ${time}`;
    const times = timesShown.get(photo) ?? 0;
    if (type === 'impression' && times < MAX_IMPRESSIONS && !shown.has(key)) {
      shown.add(key);
      timesShown.set(photo, times + 1);
      (impressions[photo] as number) += 1;
    }
    if (weight > 0 && !clicked.has(photo)) {
      clicked.add(photo);
      (clicks[photo] as number) += 1;
    }
  }
}

/** People by photo, instead of photos by person. */
export interface ByPhoto {
  readonly starts: Uint32Array;
  readonly persons: Uint32Array;
  /** Where the pair is in its person's row. */
  readonly places: Uint32Array;
}

/** Turns pairs over, so that the people of a photo are found as fast as the photos of a person. */
export function byPhoto({ photoIds, starts, photos }: Pairs): ByPhoto {
  const own = new Uint32Array(photoIds.length + 1);
  for (const photo of photos) (own[photo + 1] as number) += 1;
  for (let photo = 0; photo < photoIds.length; photo += 1) (own[photo + 1] as number) += own[photo] as number;
  const next = own.slice();
  const persons = new Uint32Array(photos.length);
  const places = new Uint32Array(photos.length);
  for (let person = 0; person + 1 < starts.length; person += 1) {
    for (let at = starts[person] as number; at < (starts[person + 1] as number); at += 1) {
      const to = (next[photos[at] as number] as number)++;
      persons[to] = person;
      places[to] = at;
    }
  }
  return { starts: own, persons, places };
}
