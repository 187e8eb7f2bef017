import type { ByPhoto, Pairs } from './interactions.ts';
import { hashOf, normal, randomFrom } from './random.ts';

/** How factors are learnt. */
export interface FactorOptions {
  readonly dimensions: number;
  /** How much all photos that a person is not tied to count against those they are. */
  readonly unobserved: number;
  readonly penalty: number;
  readonly epochs: number;
}

/** A point in a space of tastes for each photo: near in direction is alike. */
export interface Factors {
  readonly options: FactorOptions;
  /** Row by row, rounded to bytes. */
  readonly bytes: Int8Array;
  /** By photo: what a byte is worth. */
  readonly scales: Float32Array;
  /** The sum of all points' outer products. */
  readonly gram: Float64Array;
}

/**
 * iALS: alternating least squares on what people are tied to, the rest counting a little as not wanted (Hu et al.,
 * 2008), with a penalty that grows with how often a row occurs (Rendle et al., 2022, with nu = 1). Where it starts
 * follows from the seed and the photos' ids.
 */
export function factorsOf(pairs: Pairs, turned: ByPhoto, options: FactorOptions, seed: number): Float64Array {
  const d = options.dimensions;
  const people = pairs.starts.length - 1;
  const photos = pairs.photoIds.length;
  const points = new Float64Array(photos * d);
  for (const [photo, id] of pairs.photoIds.entries()) {
    if (turned.starts[photo] === turned.starts[photo + 1]) continue;
    const random = randomFrom(hashOf(id, seed));
    for (let k = 0; k < d; k += 1) points[photo * d + k] = (0.1 / Math.sqrt(d)) * normal(random);
  }
  const tastes = new Float64Array(people * d);
  const system = new System(d);
  for (let epoch = 0; epoch < options.epochs; epoch += 1) {
    const photosGram = gramOf(points, d);
    for (let person = 0; person < people; person += 1) {
      const [from, to] = [pairs.starts[person] as number, pairs.starts[person + 1] as number];
      if (from === to) continue;
      system.start(photosGram, options.unobserved, penaltyOf(options, to - from, photos));
      for (let at = from; at < to; at += 1) {
        system.observe(points, (pairs.photos[at] as number) * d, pairs.strengths[at] as number);
      }
      system.solve(tastes, person * d);
    }
    const tastesGram = gramOf(tastes, d);
    for (let photo = 0; photo < photos; photo += 1) {
      const [from, to] = [turned.starts[photo] as number, turned.starts[photo + 1] as number];
      if (from === to) continue;
      system.start(tastesGram, options.unobserved, penaltyOf(options, to - from, people));
      for (let at = from; at < to; at += 1) {
        const strength = pairs.strengths[turned.places[at] as number] as number;
        system.observe(tastes, (turned.persons[at] as number) * d, strength);
      }
      system.solve(points, photo * d);
    }
  }
  return points;
}

function penaltyOf({ penalty, unobserved }: FactorOptions, observed: number, all: number): number {
  return penalty * (observed + unobserved * all);
}

/** Points as they are stored: each rounded to bytes of its own scale. */
export function roundedFactors(points: Float64Array, options: FactorOptions): Factors {
  const d = options.dimensions;
  const bytes = new Int8Array(points.length);
  const scales = new Float32Array(points.length / d);
  for (let photo = 0; photo < scales.length; photo += 1) {
    let greatest = 0;
    for (let k = 0; k < d; k += 1) greatest = Math.max(greatest, Math.abs(points[photo * d + k] as number));
    if (greatest === 0) continue;
    scales[photo] = greatest / 127;
    for (let k = photo * d; k < (photo + 1) * d; k += 1) {
      bytes[k] = Math.round(((points[k] as number) / greatest) * 127);
    }
  }
  return { options, bytes, scales, gram: gramOfBytes(options, bytes, scales) };
}

/** The sum of the outer products of rounded points. */
export function gramOfBytes(
  { dimensions: d }: FactorOptions,
  bytes: Int8Array,
  scales: Float32Array,
): Float64Array {
  const points = new Float64Array(bytes.length);
  for (let photo = 0; photo < scales.length; photo += 1) {
    const scale = scales[photo] as number;
    for (let k = photo * d; k < (photo + 1) * d; k += 1) points[k] = (bytes[k] as number) * scale;
  }
  return gramOf(points, d);
}

/**
 * The taste that explains these photos best, the points of all photos staying as they are: one half step of iALS, so
 * that what somebody just did counts without training. Weights below 0 are left to others.
 */
export function tasteFrom(
  { options, bytes, scales, gram }: Factors,
  photos: readonly number[],
  weights: readonly number[],
): Float64Array {
  const d = options.dimensions;
  const system = new System(d);
  const taste = new Float64Array(d);
  const point = new Float64Array(d);
  const sum = weights.reduce((total, weight) => total + Math.max(0, weight), 0);
  if (sum === 0) return taste;
  system.start(gram, options.unobserved, penaltyOf(options, sum, scales.length));
  for (const [place, photo] of photos.entries()) {
    const weight = weights[place] as number;
    if (!(weight > 0)) continue;
    for (let k = 0; k < d; k += 1) point[k] = (bytes[photo * d + k] as number) * (scales[photo] as number);
    system.observe(point, 0, weight);
  }
  system.solve(taste, 0);
  return taste;
}

/** Each photo's point times a taste. */
export function addTaste(
  scores: Float64Array,
  { options, bytes, scales }: Factors,
  taste: Float64Array,
): void {
  const d = options.dimensions;
  for (let photo = 0; photo < scales.length; photo += 1) {
    let sum = 0;
    for (let k = 0; k < d; k += 1) sum += (bytes[photo * d + k] as number) * (taste[k] as number);
    (scores[photo] as number) += sum * (scales[photo] as number);
  }
}

/** The direction of one photo's point. */
export function directionOf({ options, bytes }: Factors, photo: number): Float64Array {
  const d = options.dimensions;
  const point = Float64Array.from(bytes.subarray(photo * d, (photo + 1) * d));
  const length = Math.hypot(...point);
  return length === 0 ? point : point.map((value) => value / length);
}

/** How near in direction each photo's point is to one photo's: the cosine of the angle, from -1 to 1. */
export function addDirection(scores: Float64Array, factors: Factors, photo: number): void {
  const { options, bytes } = factors;
  const d = options.dimensions;
  const direction = directionOf(factors, photo);
  for (let other = 0; other < scores.length; other += 1) {
    let [sum, squares] = [0, 0];
    for (let k = 0; k < d; k += 1) {
      const value = bytes[other * d + k] as number;
      sum += value * (direction[k] as number);
      squares += value * value;
    }
    if (squares > 0) (scores[other] as number) += sum / Math.sqrt(squares);
  }
}

function gramOf(points: Float64Array, d: number): Float64Array {
  const gram = new Float64Array(d * d);
  for (let row = 0; row < points.length; row += d) {
    for (let i = 0; i < d; i += 1) {
      const value = points[row + i] as number;
      if (value === 0) continue;
      for (let j = 0; j <= i; j += 1) (gram[i * d + j] as number) += value * (points[row + j] as number);
    }
  }
  return gram;
}

/** The least squares of one row: only lower halves are read and written. */
class System {
  private readonly d: number;
  private readonly a: Float64Array;
  private readonly b: Float64Array;

  constructor(d: number) {
    this.d = d;
    this.a = new Float64Array(d * d);
    this.b = new Float64Array(d);
  }

  start(gram: Float64Array, unobserved: number, penalty: number): void {
    const { a, b, d } = this;
    for (let k = 0; k < d * d; k += 1) a[k] = unobserved * (gram[k] as number);
    for (let k = 0; k < d; k += 1) (a[k * d + k] as number) += penalty;
    b.fill(0);
  }

  observe(points: Float64Array, row: number, weight: number): void {
    const { a, b, d } = this;
    for (let i = 0; i < d; i += 1) {
      const value = weight * (points[row + i] as number);
      (b[i] as number) += value;
      const start = i * d;
      for (let j = 0; j <= i; j += 1) (a[start + j] as number) += value * (points[row + j] as number);
    }
  }

  /** Solves by Cholesky, into a row of `to`; a system without a solution leaves the row as it was. */
  solve(to: Float64Array, row: number): void {
    const { a, b, d } = this;
    for (let i = 0; i < d; i += 1) {
      for (let j = 0; j <= i; j += 1) {
        let rest = a[i * d + j] as number;
        for (let k = 0; k < j; k += 1) rest -= (a[i * d + k] as number) * (a[j * d + k] as number);
        if (i !== j) a[i * d + j] = rest / (a[j * d + j] as number);
        else if (rest > 0) a[i * d + i] = Math.sqrt(rest);
        else return;
      }
    }
    for (let i = 0; i < d; i += 1) {
      let rest = b[i] as number;
      for (let k = 0; k < i; k += 1) rest -= (a[i * d + k] as number) * (b[k] as number);
      b[i] = rest / (a[i * d + i] as number);
    }
    for (let i = d - 1; i >= 0; i -= 1) {
      let rest = b[i] as number;
      for (let k = i + 1; k < d; k += 1) rest -= (a[k * d + i] as number) * (b[k] as number);
      b[i] = rest / (a[i * d + i] as number);
    }
    for (let i = 0; i < d; i += 1) to[row + i] = b[i] as number;
  }
}
