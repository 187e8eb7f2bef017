import { createHash } from 'node:crypto';
import { env } from '../env.ts';
import { recentPhotos } from '../photos/recent.ts';
import type { Arm, Source } from '../recommendations/attribution.ts';
import type { Proposal, Selected, Selection } from './selection.ts';
import { trendingPhotos } from './trained.ts';

/** New photos that are looked at where nothing else is known. */
const NEWEST = 200;

/** What was found for somebody, by what, and in which arm of the experiment. */
export interface Recommended {
  readonly photos: readonly Selected[];
  readonly source: Source;
  readonly arm: Arm;
  /** Personalize's id of its answer, else a new one. */
  readonly id: string;
}

/** One way to find photos. */
export interface Rung {
  readonly source: Source;
  readonly ask: () => Promise<{ readonly proposals: readonly Proposal[]; readonly id?: string }>;
}

/** What was trending at the last training. */
export const byTrend: Rung = {
  source: 'trending',
  ask: async () => ({
    proposals: (await trendingPhotos()).map((photoId) => ({ photoId, reason: { code: 'trending' } })),
  }),
};

/** The newest public photos of all. */
export const byAge: Rung = {
  source: 'newest',
  ask: async () => ({
    proposals: (await recentPhotos(NEWEST)).map(({ photoId }) => ({ photoId, reason: { code: 'new' } })),
  }),
};

/**
 * Asks rung after rung until the selection is full. The answer is that of the first which had something that may be
 * shown; undefined where none had.
 */
export async function climb(
  selection: Selection,
  rungs: readonly Rung[],
): Promise<{ readonly source: Source; readonly id: string | undefined } | undefined> {
  let answered: { source: Source; id: string | undefined } | undefined;
  for (const { source, ask } of rungs) {
    if (selection.isFull) break;
    const { proposals, id } = await ask();
    if ((await selection.add(proposals)) > 0) answered ??= { source, id };
  }
  return answered;
}

/** The share of people that HOLD_OUT_PERCENT says are in the hold-out, always the same ones. */
export function armOf(userId: string | undefined): Arm {
  if (userId === undefined) return 'main';
  const place = createHash('sha256').update(`hold-out\n${userId}`).digest().readUInt32BE(0) % 100;
  return place < env.HOLD_OUT_PERCENT ? 'hold-out' : 'main';
}
