import type { IncomingMessage } from 'node:http';

/**
 * The whole payload of a request; undefined where it is longer than `limit` bytes. Either way it is read to
 * its end: a client that is still sending would see a broken pipe instead of the answer.
 * @throws Error when the client goes away before the end
 */
export function readWhole(incoming: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) chunks = [];
      else chunks.push(chunk);
    });
    incoming.once('end', () => resolve(size > limit ? undefined : Buffer.concat(chunks)));
    incoming.once('error', reject);
    incoming.once('close', () => reject(new Error('The client went away before its request was complete.')));
  });
}
