import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../contract.ts';

/** Method, address and headers of a request as they arrived: nothing is decoded or believed. */
export interface RequestHead {
  readonly method: string;
  /** Still percent-encoded; `//` and `..` are part of an object's key and stay. */
  readonly rawPath: string;
  readonly rawQuery: string;
  /** Names in lower case; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface IncomingRequest extends RequestHead {
  readonly incoming: IncomingMessage;
}

/** An answer in its final form. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: NodeJS.ReadableStream | Buffer | string | undefined;
}

/** Reads method, path, query and headers. `URL` is of no use here: it folds `//` and `/../`. */
export function readRequest(incoming: IncomingMessage): IncomingRequest {
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    rawPath: mark < 0 ? url : url.slice(0, mark),
    rawQuery: mark < 0 ? '' : url.slice(mark + 1),
    headers: joinHeaders(incoming.rawHeaders),
    incoming,
  };
}

function joinHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase();
    const value = raw[at + 1] as string;
    const earlier = headers[name];
    headers[name] = earlier === undefined ? value : `${earlier},${value}`;
  }
  return headers;
}

/** Whether the request announces a payload of at least one byte. */
export function hasBody(request: IncomingRequest): boolean {
  return (
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  );
}

/**
 * Reads the whole payload of a call whose protocol needs it in one piece.
 * @throws ServiceError RequestEntityTooLarge (413) above `limit` bytes
 */
export function readBody(incoming: IncomingMessage, limit = 16 * 1024 * 1024): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        incoming.removeAllListeners('data');
        reject(new ServiceError('RequestEntityTooLarge', `The payload exceeds ${limit} bytes.`, 413));
      }
      chunks.push(chunk);
    });
    incoming.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    incoming.once('error', reject);
    incoming.once('close', () => reject(new Error('The client went away before its request was complete.')));
  });
}

/**
 * Reads a request to its end and forgets it. An answer given earlier would meet a client that is still
 * sending: it sees a broken pipe (EPIPE) instead of the answer.
 */
export function drain(incoming: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (incoming.readableEnded || incoming.destroyed) return resolve();
    incoming.once('end', resolve);
    incoming.once('close', resolve);
    // Not resume(): it does nothing while a reader that is just giving up still listens for 'readable'.
    incoming.on('readable', () => {
      while (incoming.read() !== null);
    });
  });
}
