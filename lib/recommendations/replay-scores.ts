import { type Answer, inPlaces } from './replay-moments.ts';

/** What is measured: each is a sum over a count. */
export const METRICS = [
  'click-through',
  'shown NDCG@10',
  'shown MRR',
  'next NDCG@10',
  'next recall@20',
  'newcomers',
] as const;
export type Metric = (typeof METRICS)[number];

/** A sum and a count for each person that was replayed, so that people can be drawn again. */
export interface Tally {
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

export interface Candidate {
  readonly name: string;
  readonly tallies: Readonly<Record<Metric, Tally>>;
  /** The share of all photos that anybody was shown. */
  readonly coverage: number;
}

/** The sums and counts of one candidate. */
export class Scorecard {
  readonly #name: string;
  readonly #tallies: Record<Metric, Tally>;
  readonly #seen = new Set<string>();
  readonly #size: number;

  constructor(name: string, people: number, size: number) {
    this.#name = name;
    this.#size = size;
    const empty = (): Tally => ({ sums: new Float64Array(people), counts: new Float64Array(people) });
    this.#tallies = Object.fromEntries(METRICS.map((metric) => [metric, empty()])) as Record<Metric, Tally>;
  }

  add(metric: Metric, row: number, value: number): void {
    const { sums, counts } = this.#tallies[metric];
    (sums[row] as number) += value;
    (counts[row] as number) += 1;
  }

  see(photoId: string): void {
    this.#seen.add(photoId);
  }

  get candidate(): Candidate {
    return { name: this.#name, tallies: this.#tallies, coverage: this.#seen.size / this.#size };
  }
}

export type IsNewcomer = (photoId: string) => boolean;

export function scoreShown(card: Scorecard, row: number, answer: Answer, isNewcomer: IsNewcomer): void {
  for (const photoId of answer.isRanking ? [] : answer.shown.keys()) {
    card.add('click-through', row, answer.clicked.has(photoId) ? 1 : 0);
    card.add('newcomers', row, isNewcomer(photoId) ? 1 : 0);
    card.see(photoId);
  }
  scoreOrder(card, row, answer, inPlaces(answer.shown));
}

/** Only where a variant has the very photo at the very place that was shown is it known what people did. */
export function scoreAnswer(
  card: Scorecard,
  row: number,
  answer: Answer,
  list: readonly string[],
  isNewcomer: IsNewcomer,
): void {
  for (const [photoId, position] of answer.isRanking ? [] : answer.shown) {
    const own = list[position];
    if (own === photoId) card.add('click-through', row, answer.clicked.has(photoId) ? 1 : 0);
    if (own === undefined) continue;
    card.add('newcomers', row, isNewcomer(own) ? 1 : 0);
    card.see(own);
  }
}

/** How far up an order of what was shown has what was clicked. */
export function scoreOrder(
  card: Scorecard,
  row: number,
  { clicked }: Answer,
  order: readonly string[],
): void {
  if (clicked.size === 0 || order.length < 2) return;
  const ranks = order.flatMap((photoId, place) => (clicked.has(photoId) ? place : []));
  const gain = (places: readonly number[]) =>
    places.filter((place) => place < 10).reduce((sum, place) => sum + 1 / Math.log2(place + 2), 0);
  card.add('shown NDCG@10', row, gain(ranks) / gain(ranks.map((_, place) => place)));
  card.add('shown MRR', row, 1 / ((ranks[0] as number) + 1));
}

/** Whether what somebody found and liked next was in a list, and how far up. */
export function scoreNext(card: Scorecard, row: number, target: string, list: readonly string[]): void {
  const place = list.indexOf(target);
  card.add('next NDCG@10', row, place >= 0 && place < 10 ? 1 / Math.log2(place + 2) : 0);
  card.add('next recall@20', row, place >= 0 && place < 20 ? 1 : 0);
}
