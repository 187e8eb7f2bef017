const BLOCK_BYTES = 64;

/** Indexed without a check for undefined: every index below is within. */
type Words = { [index: number]: number };

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
const K = Int32Array.from(primes(64), (prime) => fractionBits(Math.cbrt(prime)));
/** The same of the square roots of the first eight (FIPS 180-4, 5.3.3). */
const INITIAL = primes(8).map((prime) => fractionBits(Math.sqrt(prime)));

/**
 * SHA-256 of bytes that come piece by piece: Web Crypto hashes only what is in memory as a whole, and a photo may
 * have 200 MB.
 */
export class Sha256 {
  readonly #state = Int32Array.from(INITIAL);
  readonly #schedule = new Int32Array(BLOCK_BYTES);
  /** What has come of a block that is not full yet. */
  readonly #rest = new Uint8Array(BLOCK_BYTES);
  #restBytes = 0;
  #bytes = 0;

  /** Takes the next piece, of any length. */
  update(piece: Uint8Array): this {
    this.#bytes += piece.length;
    let at = 0;
    if (this.#restBytes > 0) {
      at = Math.min(BLOCK_BYTES - this.#restBytes, piece.length);
      this.#rest.set(piece.subarray(0, at), this.#restBytes);
      this.#restBytes += at;
      if (this.#restBytes < BLOCK_BYTES) return this;
      this.#compress(new DataView(this.#rest.buffer), 0);
    }
    const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
    for (; at + BLOCK_BYTES <= piece.length; at += BLOCK_BYTES) this.#compress(view, at);
    this.#rest.set(piece.subarray(at));
    this.#restBytes = piece.length - at;
    return this;
  }

  /** The 32 bytes of the hash of all that came; nothing can come after it. */
  digest(): Uint8Array<ArrayBuffer> {
    const bits = this.#bytes * 8;
    // A one, zeros, and the length in the last eight bytes of a block.
    const padding = new Uint8Array(9 + ((119 - this.#restBytes) % BLOCK_BYTES));
    padding[0] = 0x80;
    const length = new DataView(padding.buffer, padding.length - 8);
    length.setUint32(0, Math.floor(bits / 2 ** 32));
    length.setUint32(4, bits % 2 ** 32);
    this.update(padding);
    const hash = new DataView(new ArrayBuffer(32));
    for (const [index, word] of this.#state.entries()) hash.setInt32(index * 4, word);
    return new Uint8Array(hash.buffer);
  }

  /** FIPS 180-4, 6.2.2, in 32-bit integers throughout: this is all the time that hashing takes. */
  #compress(bytes: DataView, from: number): void {
    const w = this.#schedule as Words;
    const k = K as Words;
    const state = this.#state as Words;
    for (let t = 0; t < 16; t++) w[t] = bytes.getInt32(from + t * 4);
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15] as number;
      const y = w[t - 2] as number;
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[t] = ((w[t - 16] as number) + s0 + (w[t - 7] as number) + s1) | 0;
    }
    // One by one: to take the array apart costs three times as much as all the rest.
    let a = state[0] as number;
    let b = state[1] as number;
    let c = state[2] as number;
    let d = state[3] as number;
    let e = state[4] as number;
    let f = state[5] as number;
    let g = state[6] as number;
    let h = state[7] as number;
    for (let t = 0; t < 64; t++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (k[t] as number) + (w[t] as number)) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    const added = [a, b, c, d, e, f, g, h];
    for (let i = 0; i < 8; i++) state[i] = ((state[i] as number) + (added[i] as number)) | 0;
  }
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

/** The first 32 bits behind the point. */
function fractionBits(value: number): number {
  return Math.floor((value % 1) * 2 ** 32) | 0;
}
