import { type Choice, choose } from './choose.ts';
import type { FactorOptions } from './factors.ts';
import type { Aim } from './held-out.ts';
import { type Interactions, type Items, type Pairs, pairsOf } from './interactions.ts';
import { learn } from './learn.ts';
import { type Learnt, type Model, ownerNumber, ready } from './model.ts';
import { type Neighbours, thinned } from './neighbours.ts';
import { tagsOf } from './tags.ts';
import { supportOf } from './together.ts';

export interface TrainOptions {
  /** Where what is drawn by chance starts from; 1 unless given. */
  readonly seed?: number;
  /** Milliseconds since 1970; times after it are taken for it. */
  readonly now?: number;
  /** Keys of people who are to be left out, as if they had never been here. */
  readonly forget?: readonly string[];
  /** `next` unless given. */
  readonly aim?: Aim;
  /** What to go by instead of trying what is best. */
  readonly choice?: Choice;
  /** How many photos EASE learns from at most; 4 000 unless given. Time grows with its cube. */
  readonly headSize?: number;
}

const NEIGHBOURS = 200;
const EASE_NEIGHBOURS = 1_000;
/** Of an artefact of 16 MB: what lists of neighbours may take together, 8 bytes an entry. */
const ARTEFACT_BYTES = 15_500_000;
/** The rest of an artefact by photo: id 14 deflated, columns 20, starts 16, some tags; besides its point. */
const BYTES_A_PHOTO = 60;
/** More made MovieLens 100K no better, and each takes 100 kB of an artefact of 100 000 photos. */
const DIMENSIONS = 32;
/** Beyond so many, half the epochs are enough, as each sees more. */
const MANY_PAIRS = 500_000;

/**
 * Learns a model from what people did and what is known of photos. The same rows in any order give the same model to
 * the last bit, and leaving somebody out gives the model of a world without them; no model keeps anything of a person
 * by itself. Nothing is refused: rows that say nothing are left out, and from nothing comes a model without photos.
 *
 * Takes memory for EASE of 16 bytes for each pair of photos of the head, so 256 MB for the 4 000 photos at most.
 */
export function train(
  interactions: Interactions,
  items: Items = NO_ITEMS,
  options: TrainOptions = {},
): Model {
  const { seed = 1, aim = 'next', headSize = 4_000 } = options;
  const pairs = pairsOf(interactions, items, {
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(options.forget === undefined ? {} : { forget: options.forget }),
  });
  const choice = options.choice ?? choose(pairs, aim, seed);
  const tags = tagsOf(pairs.photoIds, items);
  const scorer = learn(pairs, tags, {
    factors: factorOptions(pairs, choice),
    easePenalty: choice.easePenalty,
    headSize,
    neighbours: NEIGHBOURS,
    easeNeighbours: EASE_NEIGHBOURS,
    seed,
  });
  return ready({
    photoIds: pairs.photoIds,
    ...itemColumns(pairs.photoIds, items),
    support: supportOf(pairs),
    impressions: Uint16Array.from(pairs.impressions, (count) => Math.min(count, 65_535)),
    clicks: Uint16Array.from(pairs.clicks, (count) => Math.min(count, 65_535)),
    tags,
    ...scorer,
    ...fitted(scorer, pairs, scorer.factors.bytes.length + tags.tags.length * 2),
    recipes: choice.recipes,
    easePenalty: choice.easePenalty,
    until: pairs.until,
  });
}

const NO_ITEMS: Items = { photos: [], tags: [] };

function factorOptions({ photos }: Pairs, { factors }: Choice): FactorOptions {
  return { dimensions: DIMENSIONS, epochs: photos.length > MANY_PAIRS ? 8 : 16, ...factors };
}

/** Owners and ages by photo, as numbers. */
function itemColumns(photoIds: readonly string[], items: Items): Pick<Learnt, 'owners' | 'createdAt'> {
  const rowOf = new Map(items.photos.map((id, row) => [id, row]));
  const rows = photoIds.map((id) => rowOf.get(id) ?? -1);
  return {
    owners: Uint32Array.from(rows, (row) => ownerNumber(items.owners?.[row])),
    createdAt: Uint32Array.from(rows, (row) => {
      const seconds = Math.floor((items.createdAt?.[row] ?? 0) / 1_000);
      return seconds > 0 && seconds < 2 ** 32 ? seconds : 0;
    }),
  };
}

type Lists = Pick<Learnt, 'cosines' | 'followers' | 'ease'>;

/** Cuts the lists of neighbours so that the artefact stays small: EASE gets what the others leave. */
function fitted({ cosines, followers, ease }: Lists, pairs: Pairs, others: number): Lists {
  const entries = Math.max(0, (ARTEFACT_BYTES - others - BYTES_A_PHOTO * pairs.photoIds.length) / 8);
  const support = supportOf(pairs);
  const cut = (list: Neighbours, most: number) => thinned(list, support, pairs.hashes, Math.floor(most));
  const own = { cosines: cut(cosines, entries * 0.3), followers: cut(followers, entries * 0.3) };
  return { ...own, ease: cut(ease, entries - own.cosines.photos.length - own.followers.photos.length) };
}
