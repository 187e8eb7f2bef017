import type { Aim } from '../../lib/recommendations/held-out.ts';
import { hashOf } from '../../lib/recommendations/random.ts';
import { byPerson, type Rating } from './ratings.ts';

/** Somebody who is asked: what the recommender knows of them, and what they then did. */
export interface Question {
  readonly known: readonly Rating[];
  readonly targets: ReadonlySet<string>;
}

export interface Trial {
  readonly title: string;
  readonly aim: Aim;
  readonly train: readonly Rating[];
  readonly questions: readonly Question[];
}

/** 0 to 1 by hash, the same for the same texts and seed. */
const share = (seed: number, ...texts: string[]) => hashOf(texts.join(' '), seed) / 2 ** 32;

/** Of each person one rating in five is to be foretold from the others. */
export function randomSplit(ratings: readonly Rating[], seed: number): Trial {
  const train: Rating[] = [];
  const questions: Question[] = [];
  for (const own of byPerson(ratings).values()) {
    const order = own.toSorted((a, b) => share(seed, a.person, a.photo) - share(seed, b.person, b.photo));
    const held = new Set(order.slice(0, Math.round(own.length * 0.2)));
    const known = own.filter((rating) => !held.has(rating));
    train.push(...known);
    questions.push({ known, targets: photosOf([...held]) });
  }
  return { title: '80/20 of each person at random, all ratings', aim: 'any', train, questions };
}

/** Of each person the newest rating is to be foretold from the older ones. */
export function lastLeftOut(ratings: readonly Rating[]): Trial {
  const people = [...byPerson(ratings).values()].filter((own) => own.length >= 2);
  return {
    title: "each person's last by time",
    aim: 'next',
    train: people.flatMap((own) => own.slice(0, -1)),
    questions: people.map((own) => ({ known: own.slice(0, -1), targets: photosOf(own.slice(-1)) })),
  };
}

/** Of one person in five nothing is learnt; from their first so many ratings the next 20 are to be foretold. */
export function newPeople(ratings: readonly Rating[], seed: number, known: number): Trial {
  const people = [...byPerson(ratings)];
  const isNew = (person: string) => share(seed, person) < 0.2;
  return {
    title: `new people after ${known} events, their next 20`,
    aim: 'next',
    train: people.filter(([person]) => !isNew(person)).flatMap(([, own]) => own),
    questions: people
      .filter(([person, own]) => isNew(person) && own.length > known)
      .map(([, own]) => ({ known: own.slice(0, known), targets: photosOf(own.slice(known, known + 20)) })),
  };
}

/** From the first four fifths of all ratings by time, the first 20 of people who come later are to be foretold. */
export function latecomers(ratings: readonly Rating[]): Trial {
  const times = ratings.map(({ time }) => time).sort((a, b) => a - b);
  const now = times[Math.floor(times.length * 0.8)] as number;
  const people = [...byPerson(ratings).values()];
  return {
    title: 'people who come after the training, their first 20',
    aim: 'next',
    train: people.flatMap((own) => own.filter(({ time }) => time < now)),
    questions: people
      .filter(([first]) => (first as Rating).time >= now)
      .map((own) => ({ known: [], targets: photosOf(own.slice(0, 20)) })),
  };
}

/** One photo in five is unseen in training; who likes which of them is to be foretold by their tags. */
export function unseenPhotos(
  ratings: readonly Rating[],
  seed: number,
): Trial & { readonly unseen: Set<string> } {
  const unseen = new Set(ratings.map(({ photo }) => photo).filter((photo) => share(seed, photo) < 0.2));
  const people = [...byPerson(ratings).values()];
  const isSeen = ({ photo }: Rating) => !unseen.has(photo);
  return {
    title: 'photos unseen in training, ranked among themselves',
    aim: 'any',
    train: ratings.filter(isSeen),
    questions: people.map((own) => ({
      known: own.filter(isSeen),
      targets: photosOf(own.filter((rating) => !isSeen(rating))),
    })),
    unseen,
  };
}

function photosOf(ratings: readonly Rating[]): Set<string> {
  return new Set(ratings.map(({ photo }) => photo));
}
