/** What a list of photos is to be made from. */
export interface Candidate {
  readonly photoId: string;
  readonly score: number;
  /** A number for the owner, 0 where that isn't known. */
  readonly owner: number;
  readonly tags: ReadonlySet<string>;
}

/** How many photos of one owner a list has, while there are others. */
export const MOST_OF_AN_OWNER = 2;

/** 1 goes by score alone, 0 by being unlike the rest alone. */
const BY_SCORE = 0.8;

/** Counts the photos of each owner, and tells when one has enough. */
export class Owners {
  private readonly counts = new Map<number, number>();

  add(owner: number): void {
    if (owner !== 0) this.counts.set(owner, (this.counts.get(owner) ?? 0) + 1);
  }

  hasEnough(owner: number): boolean {
    return (this.counts.get(owner) ?? 0) >= MOST_OF_AN_OWNER;
  }
}

/**
 * Takes `count` of the candidates, which come in the order of their score: each next one is the best by its score less
 * its likeness by tags to those taken before (maximal marginal relevance; Carbonell and Goldstein, 1998), of owners
 * that haven't got enough. Candidates of equal worth stay in their order.
 */
export function diversified(candidates: readonly Candidate[], count: number, owners: Owners): Candidate[] {
  const scores = candidates.map(({ score }) => score);
  const [least, greatest] = [Math.min(...scores), Math.max(...scores)];
  const worth = scores.map((score) => (greatest > least ? (score - least) / (greatest - least) : 0));
  const likeness = new Float64Array(candidates.length);
  const left = new Set(candidates.keys());
  const taken: Candidate[] = [];
  while (taken.length < count && left.size > 0) {
    let next = -1;
    let greatestGain = Number.NEGATIVE_INFINITY;
    for (const place of left) {
      const gain = BY_SCORE * (worth[place] as number) - (1 - BY_SCORE) * (likeness[place] as number);
      if (owners.hasEnough((candidates[place] as Candidate).owner)) left.delete(place);
      else if (gain > greatestGain) [next, greatestGain] = [place, gain];
    }
    if (next < 0) break;
    const one = candidates[next] as Candidate;
    left.delete(next);
    taken.push(one);
    owners.add(one.owner);
    if (one.tags.size === 0) continue;
    for (const place of left) {
      const { tags } = candidates[place] as Candidate;
      likeness[place] = Math.max(likeness[place] as number, overlap(one.tags, tags));
    }
  }
  return taken;
}

/** How many of the tags of two photos both have, from 0 to 1 (Jaccard). */
function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let both = 0;
  for (const tag of one) if (other.has(tag)) both += 1;
  return both === 0 ? 0 : both / (one.size + other.size - both);
}
