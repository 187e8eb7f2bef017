import { Sha256 } from './sha256.ts';

/**
 * Base64 SHA-256 of a file, read in pieces of 1 MiB.
 *
 * @param onBytes told of the bytes that are hashed; what it throws ends the hashing
 */
export async function hashOf(
  file: Blob,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<string> {
  const hash = new Sha256();
  const PIECE = 1024 * 1024;
  for (let from = 0; from < file.size; from += PIECE) {
    hash.update(new Uint8Array(await file.slice(from, from + PIECE).arrayBuffer()));
    onBytes(Math.min(file.size, from + PIECE));
  }
  return base64(hash.digest());
}

/** Base64 of a few bytes. */
export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
