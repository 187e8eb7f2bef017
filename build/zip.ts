import { type Zippable, zipSync } from 'fflate';

/** The earliest date that a zip can hold; fflate writes it as local time, so it is one in every time zone. */
const mtime = new Date(1980, 0, 1);
const unix = 3;
const readableByAll = 0o100644 << 16;

/**
 * Packs files, by their path in the archive, into a zip that depends on nothing but their paths and bytes:
 * names sorted, one date, one mode. fflate is JavaScript throughout, so every machine compresses alike, which
 * zlib builds for different processors do not.
 */
export function zip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const entries: Zippable = {};
  for (const path of [...files.keys()].sort()) entries[path] = files.get(path) ?? new Uint8Array();
  return zipSync(entries, { level: 6, mtime, os: unix, attrs: readableByAll });
}
