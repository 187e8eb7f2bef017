import { damaged } from './rejection.ts';

/** How many numbers and names of boxes are read: phones' photos have 2 000, and libvips takes 256 items at most. */
const MAX_READS = 200_000;

/** A box of a file, and what it holds. */
export interface Box {
  readonly type: string;
  readonly body: Reader;
}

/** ISO/IEC 14496-12, 4.2: a length that counts itself (1: a 64-bit one follows; 0: to the end), and a type. */
export function* boxesIn(parent: Reader): Generator<Box> {
  while (parent.left > 0) {
    const short = parent.uint(4);
    const type = parent.text(4);
    const length = short === 1 ? parent.uint(8) - 16 : short - 8;
    yield { type, body: short === 0 ? parent.rest() : parent.take(length) };
  }
}

/** The boxes of a box by their types. */
export function boxesByType(parent: Reader): ReadonlyMap<string, readonly Box[]> {
  return Map.groupBy(boxesIn(parent), ({ type }) => type);
}

/** The box of a type; where there were two, decoders would differ in which one they take. */
export function only(boxes: ReadonlyMap<string, readonly Box[]>, type: string): Reader {
  const [box, second] = boxes.get(type) ?? [];
  if (!box || second) throw damaged(`it has ${box ? 'two boxes' : 'no box'} ${type}`);
  return box.body;
}

/** ISO/IEC 14496-12, 4.2: what many boxes begin with. */
export function readVersion(box: Reader): { readonly version: number; readonly flags: number } {
  return { version: box.uint(1), flags: box.uint(3) };
}

/** Reads a part of a file from its beginning, nothing beyond its end, and no more than MAX_READS values of a file. */
export class Reader {
  readonly #bytes: Buffer;
  readonly #end: number;
  /** Shared by all readers of a file. */
  readonly #spent: { reads: number };
  #at: number;

  constructor(bytes: Buffer, at: number, end: number, spent: { reads: number }) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.#spent = spent;
  }

  /** In bytes. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** A big-endian number of so many bytes, at most 8; above 2^53 it is not exact, and larger than any file. */
  uint(bytes: number): number {
    if (bytes > 4) return this.uint(bytes - 4) * 2 ** 32 + this.uint(4);
    const at = this.#pass(bytes);
    return bytes === 0 ? 0 : this.#bytes.readUIntBE(at, bytes);
  }

  text(length: number): string {
    const at = this.#pass(length);
    return this.#bytes.toString('latin1', at, at + length);
  }

  skip(length: number): void {
    this.#pass(length);
  }

  /** The next bytes, to be read apart from what follows. */
  take(length: number): Reader {
    const at = this.#pass(length);
    return new Reader(this.#bytes, at, at + length, this.#spent);
  }

  rest(): Reader {
    return this.take(this.left);
  }

  /** Some of the bytes that are not read yet, leaving them. */
  part(offset: number, length: number): Reader {
    const ahead = new Reader(this.#bytes, this.#at, this.#end, this.#spent);
    ahead.skip(offset);
    return ahead.take(length);
  }

  #pass(length: number): number {
    this.#spent.reads += 1;
    if (this.#spent.reads > MAX_READS) throw damaged('it holds too many boxes');
    const at = this.#at;
    if (length < 0 || at + length > this.#end) throw damaged('a part of it is missing');
    this.#at += length;
    return at;
  }
}
