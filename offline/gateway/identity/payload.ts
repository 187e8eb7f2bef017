import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type HttpRequest, ServiceError } from '../../contract.ts';
import { hasBody, type IncomingRequest } from '../http.ts';
import { type ChunkedBody, decodeChunks } from './aws-chunked.ts';
import { EMPTY_SHA256 } from './canonical.ts';
import type { Claim } from './claim.ts';
import type { AccessKey } from './keys.ts';
import { checkSignature, scopeOf } from './verify.ts';

const SIGNED_CHUNKS = ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER'];
const UNSIGNED_CHUNKS = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
const UNSIGNED = 'UNSIGNED-PAYLOAD';

/**
 * The word or SHA-256 that an S3 request's signature covers in place of its payload.
 * @throws ServiceError where it is missing or unknown
 */
export function payloadHashOf(request: IncomingRequest, claim: Claim): string {
  const header = request.headers['x-amz-content-sha256'];
  if (claim.place === 'query') {
    const named = claim.query.find(([name]) => name.toLowerCase() === 'x-amz-content-sha256');
    return checked(header ?? named?.[1] ?? UNSIGNED);
  }
  if (header === undefined) {
    throw new ServiceError(
      'InvalidRequest',
      'Missing required header for this request: x-amz-content-sha256',
    );
  }
  return checked(header);
}

/**
 * The request of a proven claim as an engine reads it: the framing is off the body, and the body ends with a
 * ServiceError where it isn't what was signed. `content-length` and `content-encoding` are those of the
 * decoded bytes.
 */
export function readPayload(
  request: IncomingRequest,
  claim: Claim,
  payloadHash: string,
  key: AccessKey,
): HttpRequest {
  const { method, rawPath, rawQuery } = request;
  const address = { method, rawPath, rawQuery };
  if (!payloadHash.startsWith('STREAMING-')) {
    const bytes = hasBody(request) ? bytesOf(request) : nothing();
    const body = toReadable(payloadHash === UNSIGNED ? bytes : hashed(bytes, payloadHash));
    if (!hasBody(request) && ![UNSIGNED, EMPTY_SHA256].includes(payloadHash))
      throw hashMismatch(EMPTY_SHA256);
    return { ...address, headers: request.headers, body, trailers: {} };
  }
  const trailers: Record<string, string> = {};
  const chunked = announced(request, claim, payloadHash, key);
  const body = toReadable(decodeChunks(bytesOf(request), chunked, trailers));
  return { ...address, headers: decodedHeaders(request.headers, chunked.decodedLength), body, trailers };
}

/** The payload's bytes as they come. Stopping early leaves the connection whole, to answer on. */
export function bytesOf(request: IncomingRequest): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => request.incoming.iterator({ destroyOnReturn: false }) };
}

/** A byte stream of `source`; an error that comes after its reader has gone is nobody's. */
export function toReadable(source: AsyncIterable<Buffer>): Readable {
  return Readable.from(source, { objectMode: false }).on('error', () => {});
}

function checked(payloadHash: string): string {
  const known = [UNSIGNED, UNSIGNED_CHUNKS, ...SIGNED_CHUNKS];
  if (known.includes(payloadHash) || /^[0-9a-f]{64}$/.test(payloadHash)) return payloadHash;
  throw new ServiceError(
    'InvalidArgument',
    `x-amz-content-sha256 must be ${known.join(', ')} or a valid sha256 value.`,
    400,
    { ArgumentName: 'x-amz-content-sha256', ArgumentValue: payloadHash },
  );
}

function announced(request: IncomingRequest, claim: Claim, payloadHash: string, key: AccessKey): ChunkedBody {
  if (claim.place === 'query') {
    throw new ServiceError('InvalidRequest', `A presigned request can't have a payload of ${payloadHash}.`);
  }
  const decodedLength = Number(request.headers['x-amz-decoded-content-length']);
  if (!Number.isInteger(decodedLength) || decodedLength < 0) {
    throw new ServiceError(
      'MissingContentLength',
      'You must provide the x-amz-decoded-content-length HTTP header.',
      411,
    );
  }
  const trailerNames = payloadHash.endsWith('-TRAILER') ? list(request.headers['x-amz-trailer']) : [];
  if (!SIGNED_CHUNKS.includes(payloadHash)) return { decodedLength, trailerNames };
  const signatures = {
    seed: claim.signature,
    timestamp: claim.timestamp,
    scope: scopeOf(claim),
    check: (toSign: string, signature: string) => checkSignature(toSign, { ...claim, signature }, key, 's3'),
  };
  return { decodedLength, trailerNames, signatures };
}

function decodedHeaders(headers: IncomingRequest['headers'], decodedLength: number): Record<string, string> {
  const { 'content-encoding': encoding, ...others } = headers;
  const kept = list(encoding).filter((name) => name !== 'aws-chunked');
  return {
    ...others,
    ...(kept.length > 0 ? { 'content-encoding': kept.join(',') } : {}),
    'content-length': String(decodedLength),
  };
}

function list(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}

async function* hashed(bytes: AsyncIterable<Buffer>, expected: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
  const actual = hash.digest('hex');
  if (actual !== expected) throw hashMismatch(actual);
}

async function* nothing(): AsyncGenerator<Buffer> {}

function hashMismatch(actual: string): ServiceError {
  return new ServiceError(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    400,
    { S3ComputedContentSHA256: actual },
  );
}
