/**
 * The one seeded random source of the local AWS: the same seed gives the same ids, jitter and faults, so
 * that a failure is a number that can be replayed. Not for secrets.
 *
 * Generator: mulberry32, 32 bits of state, period 2^32.
 */
export class Random {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed >>> 0;
    this.#state = this.seed;
  }

  /** A source of its own for one part, so that what it draws doesn't shift what others draw. */
  fork(): Random {
    return new Random(this.integer(2 ** 32));
  }

  /** A number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer in [0, below). */
  integer(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string {
    let digits = '';
    while (digits.length < length) digits += this.integer(16).toString(16);
    return digits;
  }

  /** A version 4 UUID, as AWS uses for request and message ids. */
  uuid(): string {
    const variant = '89ab'[this.integer(4)];
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-${variant}${this.hex(3)}-${this.hex(12)}`;
  }
}
