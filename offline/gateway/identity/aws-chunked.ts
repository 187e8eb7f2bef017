import { createHash } from 'node:crypto';
import { ServiceError } from '../../contract.ts';
import { ByteReader } from './byte-reader.ts';
import { EMPTY_SHA256, sha256 } from './canonical.ts';

/** Proves the chain of signatures of a body whose chunks are signed. */
export interface ChunkSignatures {
  /** @throws ServiceError where `signature` isn't that of `stringToSign` */
  check(stringToSign: string, signature: string): void;
  /** The signature of the request itself: the first link of the chain. */
  readonly seed: string;
  readonly timestamp: string;
  readonly scope: string;
}

/** What the headers announced of an aws-chunked body. */
export interface ChunkedBody {
  /** Bytes after decoding. */
  readonly decodedLength: number;
  /** Names of the trailing headers, lower case. */
  readonly trailerNames: readonly string[];
  /** Absent where chunks are unsigned. */
  readonly signatures?: ChunkSignatures;
}

/**
 * Takes the aws-chunked framing off: `<hex size>[;chunk-signature=<signature>]CRLF <bytes> CRLF`, up to a
 * chunk of size 0 and its trailing headers, which are put into `trailers`. Bytes are handed on as they come;
 * what is wrong with them is thrown afterwards.
 * Source: Amazon S3 API Reference, "Signature calculations for the Authorization header: transferring
 * payload in multiple chunks" and "... including trailing headers".
 * @throws ServiceError SignatureDoesNotMatch, IncompleteBody, MalformedTrailerError
 */
export async function* decodeChunks(
  source: AsyncIterable<Buffer>,
  body: ChunkedBody,
  trailers: Record<string, string>,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(source);
  const chain = body.signatures && new Chain(body.signatures);
  let received = 0;
  try {
    for (let size = -1; size !== 0; ) {
      const header = await chunkHeader(reader);
      size = header.size;
      const hash = chain && createHash('sha256');
      let chunkBytes = 0;
      for await (const bytes of reader.take(size)) {
        hash?.update(bytes);
        chunkBytes += bytes.length;
        yield bytes;
      }
      if (chunkBytes < size) throw incomplete(`A chunk of ${size} bytes ended after ${chunkBytes}.`);
      if (hash) chain?.checkChunk(hash.digest('hex'), header.signature);
      if (size > 0 && (await reader.line()) !== '') throw incomplete('A chunk does not end with CRLF.');
      received += size;
    }
    await readTrailers(reader, body.trailerNames, trailers, chain);
    if (!(await reader.atEnd())) throw incomplete('Bytes follow the last chunk.');
  } finally {
    await reader.close();
  }
  if (received !== body.decodedLength) {
    throw incomplete(`x-amz-decoded-content-length says ${body.decodedLength} bytes, ${received} came.`);
  }
}

async function chunkHeader(reader: ByteReader): Promise<{ size: number; signature: string }> {
  const line = await reader.line();
  const match = /^([0-9a-f]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(line ?? '');
  if (!match) throw incomplete(`Expected the size of a chunk, got ${JSON.stringify(line ?? 'the end')}.`);
  return { size: Number.parseInt(match[1] as string, 16), signature: match[2] ?? '' };
}

async function readTrailers(
  reader: ByteReader,
  names: readonly string[],
  trailers: Record<string, string>,
  chain: Chain | undefined,
): Promise<void> {
  let signature = '';
  let signed = '';
  for (let line = await reader.line(); line; line = await reader.line()) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'x-amz-trailer-signature') {
      signature = value;
    } else if (colon > 0 && names.includes(name)) {
      trailers[name] = value;
      signed += `${name}:${value}\n`;
    } else {
      throw malformedTrailer(`x-amz-trailer does not announce ${JSON.stringify(line)}.`);
    }
  }
  const missing = names.find((name) => trailers[name] === undefined);
  if (missing) throw malformedTrailer(`The announced trailer ${missing} did not come.`);
  if (chain && names.length > 0) chain.checkTrailers(sha256(signed), signature);
}

/** Each signature covers the one before it, so that chunks can't be left out or swapped. */
class Chain {
  readonly #signatures: ChunkSignatures;
  #previous: string;

  constructor(signatures: ChunkSignatures) {
    this.#signatures = signatures;
    this.#previous = signatures.seed;
  }

  checkChunk(hash: string, signature: string): void {
    this.#check('AWS4-HMAC-SHA256-PAYLOAD', [EMPTY_SHA256, hash], signature);
  }

  checkTrailers(hash: string, signature: string): void {
    this.#check('AWS4-HMAC-SHA256-TRAILER', [hash], signature);
  }

  #check(algorithm: string, hashes: string[], signature: string): void {
    const { timestamp, scope } = this.#signatures;
    this.#signatures.check([algorithm, timestamp, scope, this.#previous, ...hashes].join('\n'), signature);
    this.#previous = signature;
  }
}

function incomplete(detail: string): ServiceError {
  return new ServiceError('IncompleteBody', `The request body terminated unexpectedly. ${detail}`, 400);
}

function malformedTrailer(detail: string): ServiceError {
  return new ServiceError('MalformedTrailerError', `The trailing headers are malformed. ${detail}`, 400);
}
