import type { FreshPhoto } from './explore.ts';
import type { Model } from './model.ts';
import { hashOf } from './random.ts';
import { rank, recommend } from './recommend.ts';
import { type Answer, type Moment, momentsOf, type ReplayEvent } from './replay-moments.ts';
import {
  type Candidate,
  Scorecard,
  scoreAnswer,
  scoreNext,
  scoreOrder,
  scoreShown,
} from './replay-scores.ts';

/** A photo as the clickstream knows it. */
export interface ReplayPhoto {
  readonly photoId: string;
  readonly owner?: string | undefined;
  readonly tags: readonly string[];
  /** Milliseconds since 1970; so is `goneAt`, of a photo that is there no more. */
  readonly createdAt: number;
  readonly goneAt?: number | undefined;
}

/** One way to rank: a model that learnt from what came before the replay, and how much it tries out. */
export interface Variant {
  readonly name: string;
  readonly model: Model;
  /** As of `recommend`. */
  readonly explore?: number | undefined;
}

export interface ReplayInput {
  /** What people did, before the replay and in it, in any order, each once. */
  readonly events: readonly ReplayEvent[];
  readonly photos: readonly ReplayPhoto[];
  /** Milliseconds since 1970: what came before is known, the rest is replayed. */
  readonly from: number;
  readonly variants: readonly Variant[];
  /** Where what is drawn by chance starts from; 1 unless given. */
  readonly seed?: number;
  /** People are drawn until so many of their moments are replayed; 2 000 unless given. */
  readonly most?: number;
}

export interface Replayed {
  /** What was really shown. */
  readonly asShown: Candidate;
  readonly variants: readonly Candidate[];
  readonly people: number;
  readonly answers: number;
  readonly questions: number;
}

/** As many young photos as an answer of the service has at hand. */
const FRESH = 50;
const TOP = 20;

/**
 * Replays what people did, moment by moment, and asks every variant what it would have shown them then, with their
 * profile as it was; nothing of a moment, or after it, is known to who answers. The same input gives the same output.
 */
export function replay({ events, photos, from, variants, seed = 1, most = 2_000 }: ReplayInput): Replayed {
  const people = drawn(momentsOf(events, from), most, seed);
  const catalogue = new Catalogue(photos, from);
  const size = new Set([...photos, ...events].map(({ photoId }) => photoId)).size;
  const asShown = new Scorecard('as shown', people.length, size);
  const cards = variants.map(({ name }) => new Scorecard(name, people.length, size));
  const counts = { answers: 0, questions: 0 };

  for (const [row, { person, moments }] of people.entries()) {
    for (const moment of moments) {
      const limit = moment.kind === 'answer' ? Math.max(...moment.shown.values(), TOP - 1) + 1 : TOP;
      const exclude = [...moment.dismissed, ...catalogue.hiddenFrom(person, moment.at)];
      const fresh = catalogue.freshFor(person, moment.at);
      const lists = variants.map(({ model, explore }) =>
        recommend(model, moment.profile, {
          limit,
          exclude,
          now: moment.at,
          seed: hashOf(`${person} ${moment.at}`, seed),
          fresh,
          ...(explore === undefined ? {} : { explore }),
        }).map(({ photoId }) => photoId),
      );
      if (moment.kind === 'answer') {
        counts.answers += 1;
        const isNewcomer = (id: string) => catalogue.isNewcomer(id);
        scoreShown(asShown, row, moment, isNewcomer);
        for (const [at, card] of cards.entries()) {
          const { model } = variants[at] as Variant;
          scoreAnswer(card, row, moment, lists[at] as string[], isNewcomer);
          scoreOrder(card, row, moment, reranked(model, moment, seed));
        }
      } else {
        counts.questions += 1;
        if (moment.lastShown) scoreNext(asShown, row, moment.target, moment.lastShown);
        for (const [at, card] of cards.entries()) scoreNext(card, row, moment.target, lists[at] as string[]);
      }
    }
  }
  return {
    asShown: asShown.candidate,
    variants: cards.map(({ candidate }) => candidate),
    people: people.length,
    ...counts,
  };
}

/** People in the order of their hash, until enough of their moments are together. */
function drawn(
  all: ReadonlyMap<string, readonly Moment[]>,
  most: number,
  seed: number,
): { person: string; moments: readonly Moment[] }[] {
  const people = [...all].sort(([one], [other]) => hashOf(one, seed) - hashOf(other, seed));
  const taken: { person: string; moments: readonly Moment[] }[] = [];
  let count = 0;
  for (const [person, moments] of people) {
    if (count >= most) break;
    taken.push({ person, moments });
    count += moments.length;
  }
  return taken;
}

/** What there was to show, by time. */
class Catalogue {
  readonly #newcomers: readonly ReplayPhoto[];
  readonly #newcomerIds: ReadonlySet<string>;
  readonly #gone: readonly ReplayPhoto[];
  readonly #own: ReadonlyMap<string, readonly string[]>;

  constructor(photos: readonly ReplayPhoto[], from: number) {
    const oldestFirst = photos.toSorted(
      (a, b) => a.createdAt - b.createdAt || hashOf(a.photoId) - hashOf(b.photoId),
    );
    this.#newcomers = oldestFirst.filter(({ createdAt }) => createdAt >= from);
    this.#newcomerIds = new Set(this.#newcomers.map(({ photoId }) => photoId));
    this.#gone = photos.filter(({ goneAt }) => goneAt !== undefined);
    const owned = Map.groupBy(photos, ({ owner }) => owner ?? '');
    this.#own = new Map([...owned].map(([owner, own]) => [owner, own.map(({ photoId }) => photoId)]));
  }

  /** Whether a photo came after the training. */
  isNewcomer(photoId: string): boolean {
    return this.#newcomerIds.has(photoId);
  }

  /** The person's own photos, and those that were gone. */
  hiddenFrom(person: string, at: number): string[] {
    const gone = this.#gone.filter(({ goneAt = 0 }) => goneAt <= at).map(({ photoId }) => photoId);
    return [...(this.#own.get(person) ?? []), ...gone];
  }

  /** The newest photos of others that came after the training. */
  freshFor(person: string, at: number): FreshPhoto[] {
    const fresh: FreshPhoto[] = [];
    for (let place = this.#newcomers.length - 1; place >= 0 && fresh.length < FRESH; place -= 1) {
      const { photoId, owner, tags, createdAt, goneAt } = this.#newcomers[place] as ReplayPhoto;
      if (createdAt > at || owner === person || (goneAt !== undefined && goneAt <= at)) continue;
      fresh.push({ photoId, tags, createdAt, ...(owner === undefined ? {} : { owner }) });
    }
    return fresh;
  }
}

/** What was shown in a variant's order; what its model doesn't know comes last, by hash, so that no place leaks. */
function reranked(model: Model, { shown, profile, at }: Answer, seed: number): string[] {
  const photoIds = [...shown.keys()].sort((one, other) => hashOf(one, seed) - hashOf(other, seed));
  return rank(model, profile, photoIds, { now: at }).map(({ photoId }) => photoId);
}
