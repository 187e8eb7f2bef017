/** Where a range begins and ends; without a bound it is open on that side. */
export interface Range {
  /** The range begins at this key, inclusive. */
  readonly from?: string;
  /** The range begins right after this key. */
  readonly after?: string;
  /** The range ends right before this key. */
  readonly before?: string;
}

// Blocks this long keep both the search for a block and the shift inside one short.
const blockLength = 512;

/** A map in the order of its keys (by UTF-16 code unit), kept in sorted blocks. */
export class OrderedMap<Value> {
  readonly #keys: string[][] = [[]];
  readonly #values = new Map<string, Value>();

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    if (!this.#values.has(key)) this.#insert(key);
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (!this.#values.delete(key)) return;
    const at = this.#blockOf(key);
    const block = this.#keys[at] as string[];
    block.splice(lowerBound(block, key), 1);
    if (block.length === 0 && this.#keys.length > 1) this.#keys.splice(at, 1);
  }

  /** Every entry inside the range, in order or in reverse. The map must not change meanwhile. */
  *entries(range: Range = {}, reverse = false): Generator<[key: string, value: Value]> {
    const start = range.after ?? range.from ?? '';
    for (const key of reverse ? this.#backward(range.before) : this.#forward(start)) {
      if (key === range.after) continue;
      if (key < start || (range.before !== undefined && key >= range.before)) return;
      yield [key, this.#values.get(key) as Value];
    }
  }

  *#forward(start: string): Generator<string> {
    let at = this.#blockOf(start);
    let index = lowerBound(this.#keys[at] as string[], start);
    for (; at < this.#keys.length; at++, index = 0) {
      const block = this.#keys[at] as string[];
      for (; index < block.length; index++) yield block[index] as string;
    }
  }

  *#backward(before: string | undefined): Generator<string> {
    let at = before === undefined ? this.#keys.length - 1 : this.#blockOf(before);
    const first = this.#keys[at] as string[];
    let index = (before === undefined ? first.length : lowerBound(first, before)) - 1;
    for (; at >= 0; at--, index = (this.#keys[at]?.length ?? 0) - 1) {
      const block = this.#keys[at] as string[];
      for (; index >= 0; index--) yield block[index] as string;
    }
  }

  #insert(key: string): void {
    const at = this.#blockOf(key);
    const block = this.#keys[at] as string[];
    block.splice(lowerBound(block, key), 0, key);
    if (block.length > blockLength) this.#keys.splice(at + 1, 0, block.splice(blockLength / 2));
  }

  /** The block that holds the key, or would: the last one that begins at or before it. */
  #blockOf(key: string): number {
    let low = 0;
    let high = this.#keys.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#keys[middle]?.[0] as string) <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
