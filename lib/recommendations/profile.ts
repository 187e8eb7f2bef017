import { eventWeight } from './interactions.ts';

/** How many of a person's newest interactions to keep at hand for answers. */
export const PROFILE_LENGTH = 100;

/** One thing somebody did. */
export interface ProfileEvent {
  readonly photoId: string;
  /** A type of `eventWeight`. */
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value?: number;
}

/** What somebody did of late, in any order. */
export type Profile = readonly ProfileEvent[];

/** A profile as the model sees it. */
export interface Taste {
  /** Known photos they like, by place in the model, the newest first. */
  readonly liked: readonly number[];
  readonly likedWeights: readonly number[];
  /** Known photos they dismissed. */
  readonly disliked: readonly number[];
  readonly dislikedWeights: readonly number[];
  /** All photos they did something with or dismissed, known or not. */
  readonly seen: ReadonlySet<string>;
}

/**
 * Reads a profile: a photo counts once, by the strongest thing done with it, as new as the newest; not at all, but
 * against its like, if it was dismissed after. Times later than `now` are taken for now, those that aren't finite for
 * the oldest. Equal times are ordered by hash.
 */
export function tasteOf(
  { placeOf, hashes }: { placeOf: ReadonlyMap<string, number>; hashes: Uint32Array },
  profile: Profile,
  now: number,
): Taste {
  const seen = new Set<string>();
  const liked = new Map<number, Point>();
  const disliked = new Map<number, Point>();
  for (const { photoId, type, at, value } of profile) {
    const weight = eventWeight(type, value);
    if (weight === 0) continue;
    seen.add(photoId);
    const photo = placeOf.get(photoId);
    if (photo === undefined) continue;
    const side = weight > 0 ? liked : disliked;
    const time = Number.isFinite(at) ? Math.min(at, now) : 0;
    const known = side.get(photo);
    side.set(photo, {
      photo,
      time: Math.max(time, known?.time ?? time),
      weight: Math.max(Math.abs(weight), known?.weight ?? 0),
    });
  }
  const newest = (points: Point[]) =>
    points.sort((a, b) => b.time - a.time || (hashes[a.photo] as number) - (hashes[b.photo] as number));
  const after = (one: Point, other: Point | undefined) => other === undefined || one.time > other.time;
  const up = newest([...liked.values()].filter((point) => after(point, disliked.get(point.photo))));
  const down = newest(
    [...disliked.values()].filter((point) => !after(liked.get(point.photo) ?? point, point)),
  );
  return {
    liked: up.map(({ photo }) => photo),
    likedWeights: up.map(({ weight }) => weight),
    disliked: down.map(({ photo }) => photo),
    dislikedWeights: down.map(({ weight }) => weight),
    seen,
  };
}

interface Point {
  readonly photo: number;
  readonly time: number;
  readonly weight: number;
}
