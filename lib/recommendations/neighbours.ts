import { topOf } from './top.ts';

/** For each photo others that go with it, and how well: rows in compressed sparse form. */
export interface Neighbours {
  /** Where the row of a photo starts; one more than there are photos. */
  readonly starts: Uint32Array;
  readonly photos: Uint32Array;
  readonly values: Float32Array;
}

/** A row that is being summed up: a value for every photo, and the photos whose value was touched. */
export interface Row {
  readonly values: Float64Array;
  readonly touched: number[];
  readonly add: (photo: number, value: number) => void;
}

/**
 * Neighbours of `hashes.length` photos: `fill` sums up one photo's row, `finish` makes the final value of an entry, and
 * the `most` greatest by size are kept. An entry of 0 isn't one.
 */
export function neighboursOf(
  hashes: Uint32Array,
  most: number,
  fill: (photo: number, row: Row) => void,
  finish: (sum: number, photo: number, other: number) => number,
): Neighbours {
  const values = new Float64Array(hashes.length);
  const touched: number[] = [];
  const row: Row = {
    values,
    touched,
    add: (photo, value) => {
      if (values[photo] === 0) touched.push(photo);
      (values[photo] as number) += value;
    },
  };
  const rows = new Rows(hashes);
  for (let photo = 0; photo < hashes.length; photo += 1) {
    fill(photo, row);
    rows.push(
      touched,
      touched.map((other) => (other === photo ? 0 : finish(values[other] as number, photo, other))),
      most,
    );
    for (const other of touched) values[other] = 0;
    touched.length = 0;
  }
  return rows.done();
}

/** Rows of neighbours, one after the other. */
export class Rows {
  private readonly starts: number[] = [0];
  private readonly photos: number[] = [];
  private readonly values: number[] = [];
  private readonly hashes: Uint32Array;

  constructor(hashes: Uint32Array) {
    this.hashes = hashes;
  }

  /** Adds the next photo's row: the `most` greatest of these entries by size. */
  push(photos: ArrayLike<number>, values: ArrayLike<number>, most: number): void {
    const sizes = Float64Array.from(values, (value) => (value === 0 ? Number.NaN : Math.abs(value)));
    const kept =
      sizes.length <= most
        ? [...sizes.keys()].filter((place) => Number.isFinite(sizes[place]))
        : topOf(
            sizes,
            Uint32Array.from(photos, (photo) => this.hashes[photo] as number),
            most,
          );
    for (const place of kept) {
      this.photos.push(photos[place] as number);
      this.values.push(values[place] as number);
    }
    this.starts.push(this.photos.length);
  }

  /** All rows that were added. */
  done(): Neighbours {
    return {
      starts: Uint32Array.from(this.starts),
      photos: Uint32Array.from(this.photos),
      values: Float32Array.from(this.values),
    };
  }
}

/**
 * As many neighbours as `entries` allow: the longest rows are cut first, and a photo that many people know keeps more,
 * in step with the square root of their number, since its row is read more often.
 */
export function thinned(
  neighbours: Neighbours,
  support: Uint32Array,
  hashes: Uint32Array,
  entries: number,
): Neighbours {
  if (neighbours.photos.length <= entries) return neighbours;
  const { starts } = neighbours;
  const length = (photo: number) => (starts[photo + 1] as number) - (starts[photo] as number);
  const kept = (photo: number, factor: number) =>
    Math.min(length(photo), Math.floor(factor * Math.sqrt(support[photo] as number)));
  let [low, high] = [0, entries];
  for (let halving = 0; halving < 60; halving += 1) {
    const factor = (low + high) / 2;
    let sum = 0;
    for (let photo = 0; photo < support.length; photo += 1) sum += kept(photo, factor);
    if (sum <= entries) low = factor;
    else high = factor;
  }
  const rows = new Rows(hashes);
  for (let photo = 0; photo < support.length; photo += 1) {
    const [from, to] = [starts[photo], starts[photo + 1]];
    rows.push(neighbours.photos.subarray(from, to), neighbours.values.subarray(from, to), kept(photo, low));
  }
  return rows.done();
}

/** Adds a photo's row times a weight to the scores of all photos. */
export function addRow(scores: Float64Array, neighbours: Neighbours, photo: number, weight: number): void {
  const { starts, photos, values } = neighbours;
  for (let at = starts[photo] as number; at < (starts[photo + 1] as number); at += 1) {
    (scores[photos[at] as number] as number) += weight * (values[at] as number);
  }
}

/** How well one photo goes with another, 0 if that isn't among its neighbours. */
export function closeness({ starts, photos, values }: Neighbours, photo: number, other: number): number {
  const place = photos.subarray(starts[photo], starts[photo + 1]).indexOf(other);
  return place < 0 ? 0 : (values[(starts[photo] as number) + place] as number);
}
