import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { stack } from './stack.ts';

/**
 * The files of the stack's state that say any of these texts, packed ones unpacked: tables and their stream, queues,
 * streams, objects, traces, and the log of the functions.
 */
export async function filesThatSay(...texts: string[]): Promise<string[]> {
  const entries = await readdir(stack.stateDir, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const bytes = unpacked(await readFile(path).catch(() => Buffer.alloc(0)));
    if (texts.some((text) => bytes.includes(text))) found.push(relative(stack.stateDir, path));
  }
  return found;
}

function unpacked(bytes: Buffer): Buffer {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}
