import { crc32 as nativeCrc32 } from 'node:zlib';

/** A running CRC over the bytes it has been given. */
export interface Crc {
  update(bytes: Uint8Array): void;
  /** The check value so far, big-endian, as S3 encodes it. */
  value(): Buffer;
}

/** CRC-32 (ISO-HDLC), the one of zip and PNG. */
export function crc32(): Crc {
  let crc = 0;
  return {
    update(bytes) {
      crc = nativeCrc32(bytes, crc);
    },
    value: () => uint32(crc),
  };
}

/** CRC-32C (Castagnoli; RFC 3720), eight bytes at a time. */
export function crc32c(): Crc {
  let crc = -1;
  return {
    update(bytes) {
      crc = feed32(crc, bytes);
    },
    value: () => uint32(~crc >>> 0),
  };
}

/** CRC-64/NVME (NVM Express base specification 2.0, section 5.2.1.3.4), eight bytes at a time. */
export function crc64nvme(): Crc {
  const state = { low: -1, high: -1 };
  return {
    update(bytes) {
      feed64(state, bytes);
    },
    value: () => Buffer.concat([uint32(~state.high >>> 0), uint32(~state.low >>> 0)]),
  };
}

/** Generator polynomials in reflected form, with their width in bits. */
const polynomials = {
  crc32: { width: 32n, polynomial: 0xedb88320n },
  crc32c: { width: 32n, polynomial: 0x82f63b78n },
  crc64nvme: { width: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
} as const;

/**
 * The CRC of two stretches of bytes one after the other, from the CRC of each: the first is multiplied by
 * x^(8 n) modulo the generator, n being the second's length, and added. Takes O(log n) steps.
 */
export function joinCrc(
  kind: keyof typeof polynomials,
  first: Buffer,
  second: Buffer,
  secondLength: number,
): Buffer {
  const { width, polynomial } = polynomials[kind];
  const multiply = (a: bigint, b: bigint): bigint => {
    let product = 0n;
    let factor = b;
    for (let bit = 1n << (width - 1n); bit > 0n; bit >>= 1n) {
      if (a & bit) product ^= factor;
      factor = factor & 1n ? (factor >> 1n) ^ polynomial : factor >> 1n;
    }
    return product;
  };
  // In reflected form the highest bit is x^0.
  let shift = 1n << (width - 1n);
  let power = 1n << (width - 2n);
  for (let bits = BigInt(secondLength) * 8n; bits > 0n; bits >>= 1n) {
    if (bits & 1n) shift = multiply(power, shift);
    power = multiply(power, power);
  }
  const joined = multiply(shift, toBigInt(first)) ^ toBigInt(second);
  return Buffer.from(joined.toString(16).padStart(Number(width) / 4, '0'), 'hex');
}

/** Table k gives the effect of a byte that is followed by k zero bytes; low and high 32 bits apart. */
function slicingTables(polynomial: bigint): { low: Int32Array; high: Int32Array } {
  const low = new Int32Array(8 * 256);
  const high = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = remainderOf(BigInt(byte), polynomial);
    for (let table = 0; table < 8; table++) {
      low[table * 256 + byte] = Number(BigInt.asIntN(32, remainder));
      high[table * 256 + byte] = Number(BigInt.asIntN(32, remainder >> 32n));
      remainder = (remainder >> 8n) ^ remainderOf(remainder & 0xffn, polynomial);
    }
  }
  return { low, high };
}

function remainderOf(byte: bigint, polynomial: bigint): bigint {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1n ? (remainder >> 1n) ^ polynomial : remainder >> 1n;
  }
  return remainder;
}

const castagnoli = slicingTables(polynomials.crc32c.polynomial).low;
const nvme = slicingTables(polynomials.crc64nvme.polynomial);

function feed32(crc: number, bytes: Uint8Array): number {
  const table = castagnoli;
  const { buffer, byteOffset, length } = bytes;
  const view = new DataView(buffer, byteOffset, length);
  let at = 0;
  let state = crc;
  for (; at + 8 <= length; at += 8) {
    const first = state ^ view.getInt32(at, true);
    const second = view.getInt32(at + 4, true);
    state =
      (table[1792 + (first & 255)] as number) ^
      (table[1536 + ((first >>> 8) & 255)] as number) ^
      (table[1280 + ((first >>> 16) & 255)] as number) ^
      (table[1024 + (first >>> 24)] as number) ^
      (table[768 + (second & 255)] as number) ^
      (table[512 + ((second >>> 8) & 255)] as number) ^
      (table[256 + ((second >>> 16) & 255)] as number) ^
      (table[second >>> 24] as number);
  }
  for (; at < length; at++) state = (state >>> 8) ^ (table[(state ^ (bytes[at] as number)) & 255] as number);
  return state;
}

function feed64(state: { low: number; high: number }, bytes: Uint8Array): void {
  const { low: lows, high: highs } = nvme;
  const { buffer, byteOffset, length } = bytes;
  const view = new DataView(buffer, byteOffset, length);
  let { low, high } = state;
  let at = 0;
  for (; at + 8 <= length; at += 8) {
    const a = low ^ view.getInt32(at, true);
    const b = high ^ view.getInt32(at + 4, true);
    const i0 = 1792 + (a & 255);
    const i1 = 1536 + ((a >>> 8) & 255);
    const i2 = 1280 + ((a >>> 16) & 255);
    const i3 = 1024 + (a >>> 24);
    const i4 = 768 + (b & 255);
    const i5 = 512 + ((b >>> 8) & 255);
    const i6 = 256 + ((b >>> 16) & 255);
    const i7 = b >>> 24;
    low =
      (lows[i0] as number) ^
      (lows[i1] as number) ^
      (lows[i2] as number) ^
      (lows[i3] as number) ^
      (lows[i4] as number) ^
      (lows[i5] as number) ^
      (lows[i6] as number) ^
      (lows[i7] as number);
    high =
      (highs[i0] as number) ^
      (highs[i1] as number) ^
      (highs[i2] as number) ^
      (highs[i3] as number) ^
      (highs[i4] as number) ^
      (highs[i5] as number) ^
      (highs[i6] as number) ^
      (highs[i7] as number);
  }
  for (; at < length; at++) {
    const index = (low ^ (bytes[at] as number)) & 255;
    low = ((low >>> 8) | (high << 24)) ^ (lows[index] as number);
    high = (high >>> 8) ^ (highs[index] as number);
  }
  state.low = low;
  state.high = high;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function toBigInt(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}
