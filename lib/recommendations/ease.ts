import type { Pairs } from './interactions.ts';
import { inverseOf } from './inverse.ts';
import { type Neighbours, Rows } from './neighbours.ts';
import { topOf } from './top.ts';

/**
 * The head of the catalogue: the photos that most people are tied to, of those that at least two are. The model below
 * takes the cube of their number in time and the square in memory.
 */
export function headOf(support: Uint32Array, hashes: Uint32Array, most: number): number[] {
  return topOf(support, hashes, most).filter((photo) => (support[photo] as number) >= 2);
}

/**
 * EASE (Steck, 2019): the weights with which each photo of the head is best foretold by the others, in closed form:
 * with P the inverse of XtX + penalty I, photo i says -P[i][j] / P[j][j] about photo j. Of each photo the `most`
 * greatest weights by size are kept; those below 0 matter as much.
 */
export function easeOf(pairs: Pairs, head: readonly number[], penalty: number, most: number): Neighbours {
  const n = head.length;
  const inverse = inverseOf(gramOf(pairs, head, penalty), n);
  const rows = new Rows(pairs.hashes);
  const placeOf = new Map(head.map((photo, place) => [photo, place]));
  const weights = new Float64Array(n);
  for (let photo = 0; photo < pairs.photoIds.length; photo += 1) {
    const i = placeOf.get(photo);
    if (i === undefined) {
      rows.push([], [], 0);
      continue;
    }
    for (let j = 0; j < n; j += 1) {
      weights[j] = i === j ? 0 : -(inverse[i * n + j] as number) / (inverse[j * n + j] as number);
    }
    rows.push(head, weights, most);
  }
  return rows.done();
}

/** XtX of the head's columns, with the penalty on its diagonal. */
function gramOf(
  { photoIds, starts, photos, strengths }: Pairs,
  head: readonly number[],
  penalty: number,
): Float64Array {
  const n = head.length;
  const places = new Int32Array(photoIds.length).fill(-1);
  for (const [place, photo] of head.entries()) places[photo] = place;
  const gram = new Float64Array(n * n);
  for (let person = 0; person + 1 < starts.length; person += 1) {
    const [from, to] = [starts[person] as number, starts[person + 1] as number];
    for (let one = from; one < to; one += 1) {
      const i = places[photos[one] as number] as number;
      if (i < 0) continue;
      for (let other = from; other < to; other += 1) {
        const j = places[photos[other] as number] as number;
        if (j >= 0) (gram[i * n + j] as number) += (strengths[one] as number) * (strengths[other] as number);
      }
    }
  }
  for (let i = 0; i < n; i += 1) (gram[i * n + i] as number) += penalty;
  return gram;
}
