import type { ImageFormat } from './sniff.ts';

/** The largest file that is taken, in bytes. */
export const MAX_FILE_BYTES = 200_000_000;

/**
 * The most pixels that are decoded, by format: what a decoder keeps in memory decides. AVIF holds the whole
 * frame (about 18 bytes a pixel, 27 at 10 bits); HEIC is decoded in WebAssembly, within MAX_WASM_BYTES; the
 * others stream.
 */
export const MAX_PIXELS: Readonly<Record<ImageFormat, number>> = {
  jpeg: 100_000_000,
  png: 100_000_000,
  webp: 100_000_000,
  gif: 100_000_000,
  avif: 40_000_000,
  heic: 50_000_000,
};

/** How long a HEIC file may take to decode, in milliseconds. */
export const HEIC_TIMEOUT_MS = 20_000;

/** How far the HEIC decoder's memory may grow, in bytes: 12 megapixels need 57 MB, so 50 need half of this. */
export const MAX_WASM_BYTES = 512 * 1024 * 1024;

/** The longest side, in pixels: as long as JPEG and GIF can have it. What is longer still is no photo of anything. */
export const MAX_SIDE = 65_535;

/** How many scans of a JPEG are decoded: encoders write 20 at most. */
export const MAX_SCANS = 100;

/** How many pixels all scans of a JPEG have together: 20 scans of 100 megapixels. */
export const MAX_SCANNED_PIXELS = 20 * MAX_PIXELS.jpeg;

/** How many segments, chunks, blocks or boxes of a file are looked at; cameras write fewer than 100. */
export const MAX_PARTS = 100_000;
