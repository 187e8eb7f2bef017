/**
 * The places of the `count` greatest values, the greatest first. Equal values are ordered by their hash, since an order
 * by place would leak what places mean: the first seen, and so the most popular. Places whose value isn't a finite
 * number never appear.
 */
export function topOf(
  values: ArrayLike<number>,
  hashes: ArrayLike<number>,
  count: number,
  length: number = values.length,
): number[] {
  const heap: number[] = [];
  const worse = (one: number, other: number) => {
    const [a, b] = [values[one] as number, values[other] as number];
    return a < b || (a === b && (hashes[one] as number) > (hashes[other] as number));
  };
  const sink = (from: number) => {
    for (let at = from; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && worse(heap[child] as number, heap[least] as number)) least = child;
      }
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least] as number, heap[at] as number];
      at = least;
    }
  };
  if (count <= 0) return heap;
  for (let place = 0; place < length; place += 1) {
    if (!Number.isFinite(values[place])) continue;
    if (heap.length < count) {
      heap.push(place);
      if (heap.length === count) for (let at = count >> 1; at >= 0; at -= 1) sink(at);
    } else if (worse(heap[0] as number, place)) {
      heap[0] = place;
      sink(0);
    }
  }
  return heap.sort((one, other) => (worse(one, other) ? 1 : -1));
}
