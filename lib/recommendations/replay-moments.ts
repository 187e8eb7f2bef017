import { eventWeight } from './interactions.ts';
import { PROFILE_LENGTH, type Profile, type ProfileEvent } from './profile.ts';
import { hashOf } from './random.ts';

/** One thing somebody did, or was shown. */
export interface ReplayEvent {
  readonly person: string;
  readonly photoId: string;
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value?: number | undefined;
  readonly recommendationId?: string | undefined;
  /** The place in the answer, from 0. */
  readonly position?: number | undefined;
  readonly surface?: string | undefined;
}

interface Known {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What was known of the person before. */
  readonly profile: Profile;
  readonly dismissed: readonly string[];
}

/** Somebody was shown photos. */
export interface Answer extends Known {
  readonly kind: 'answer';
  /** Places by photo. */
  readonly shown: ReadonlyMap<string, number>;
  /** Whether it ordered photos that were asked for by name, so that no others could have been shown. */
  readonly isRanking: boolean;
  /** Those of what was shown with which they did something within a day. */
  readonly clicked: ReadonlySet<string>;
}

/** Somebody found a photo that they came to like. */
export interface Question extends Known {
  readonly kind: 'question';
  readonly target: string;
  /** What the newest answer of the day before had shown them, the first place first; undefined without one. */
  readonly lastShown: readonly string[] | undefined;
}

export type Moment = Answer | Question;

const DAY = 86_400_000;
/** How many dismissals the service remembers of a person. */
const DISMISSED_LENGTH = 500;
/** What is similar to a photo isn't an answer to a profile, and of which photo isn't recorded. */
const NO_ANSWER = 'similar';
const RANKING = 'ranked';

/**
 * The moments of each person from a time on, the oldest first: answers that were shown, and photos that were found and
 * liked. An answer is made of the impressions with one recommendationId and a position; a photo is found when somebody
 * first does anything with it, and liked if they then like it without taking that back.
 */
export function momentsOf(events: readonly ReplayEvent[], from: number): Map<string, Moment[]> {
  const people = new Map<string, Moment[]>();
  for (const [person, own] of Map.groupBy(events, (event) => event.person)) {
    const moments = momentsOfPerson(own.toSorted(inTime), from);
    if (moments.length > 0) people.set(person, moments);
  }
  return people;
}

/** The oldest first; what was shown before what was done with it, other equal times by hash. */
function inTime(one: ReplayEvent, other: ReplayEvent): number {
  const rank = ({ type }: ReplayEvent) => (type === 'impression' ? 0 : 1);
  const hash = ({ photoId, type }: ReplayEvent) => hashOf(`${photoId} ${type}`);
  return one.at - other.at || rank(one) - rank(other) || hash(one) - hash(other);
}

/** Photos in the order of their places. */
export function inPlaces(shown: ReadonlyMap<string, number>): string[] {
  return [...shown].sort(([, one], [, other]) => one - other).map(([photoId]) => photoId);
}

/** A moment before it is known what was known then. */
type Draft = Omit<Answer, keyof Known> | Omit<Question, keyof Known>;

function momentsOfPerson(events: readonly ReplayEvent[], from: number): Moment[] {
  const answers = answersOf(events);
  const drafts: { at: number; draft: Draft }[] = [
    ...answers.map(({ at, ...answer }) => ({ at, draft: { kind: 'answer' as const, ...answer } })),
    ...foundOf(events).map(({ at, target }) => {
      const last = answers.findLast((answer) => answer.at < at && at - answer.at <= DAY);
      const lastShown = last && inPlaces(last.shown);
      return { at, draft: { kind: 'question' as const, target, lastShown } };
    }),
  ]
    .filter(({ at }) => at >= from)
    .sort((a, b) => a.at - b.at);

  const moments: Moment[] = [];
  const live = new LiveProfile();
  let next = 0;
  for (const { at, draft } of drafts) {
    for (; next < events.length && (events[next] as ReplayEvent).at < at; next += 1) {
      live.add(events[next] as ReplayEvent);
    }
    moments.push({ ...draft, at, profile: live.profile, dismissed: live.dismissed });
  }
  return moments;
}

interface Shown {
  readonly at: number;
  readonly isRanking: boolean;
  readonly shown: Map<string, number>;
  readonly clicked: Set<string>;
}

/** The answers somebody was shown, the oldest first; what they did with photos of them counts for a day. */
function answersOf(events: readonly ReplayEvent[]): Shown[] {
  const answers = new Map<string, Shown>();
  for (const { type, photoId, at, value, recommendationId, position, surface } of events) {
    if (recommendationId === undefined || surface === NO_ANSWER) continue;
    const known = answers.get(recommendationId);
    if (type === 'impression' && position !== undefined) {
      const answer = known ?? { at, isRanking: surface === RANKING, shown: new Map(), clicked: new Set() };
      if (!answer.shown.has(photoId)) answer.shown.set(photoId, position);
      answers.set(recommendationId, answer);
    } else if (known?.shown.has(photoId) && eventWeight(type, value) > 0 && at - known.at <= DAY) {
      known.clicked.add(photoId);
    }
  }
  return [...answers.values()];
}

/** When somebody first did anything with photos that they came to like, and still do. */
function foundOf(events: readonly ReplayEvent[]): { at: number; target: string }[] {
  const found = new Map<string, number>();
  const liked = new Set<string>();
  for (const { type, photoId, at, value } of events) {
    if (type === 'upload' || (eventWeight(type, value) !== 0 && !found.has(photoId))) {
      found.set(photoId, type === 'upload' ? Number.NEGATIVE_INFINITY : at);
    }
    if (type === 'like') liked.add(photoId);
    if (type === 'unlike') liked.delete(photoId);
  }
  return [...found].filter(([photoId]) => liked.has(photoId)).map(([target, at]) => ({ at, target }));
}

/** What the service knows of a person while things happen. */
class LiveProfile {
  #events: ProfileEvent[] = [];
  #dismissed: string[] = [];

  add({ photoId, type, at, value }: ReplayEvent): void {
    if (type === 'unlike') {
      this.#events = this.#events.filter((event) => event.type !== 'like' || event.photoId !== photoId);
    }
    const weight = eventWeight(type, value);
    if (weight === 0) return;
    const event = { photoId, type, at, ...(value === undefined ? {} : { value }) };
    this.#events = [event, ...this.#events].slice(0, PROFILE_LENGTH);
    if (weight < 0) {
      this.#dismissed = [photoId, ...this.#dismissed.filter((id) => id !== photoId)].slice(
        0,
        DISMISSED_LENGTH,
      );
    }
  }

  get profile(): Profile {
    return this.#events;
  }

  get dismissed(): readonly string[] {
    return this.#dismissed;
  }
}
