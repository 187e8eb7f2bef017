import { createHash } from 'node:crypto';
import { ServiceError } from '../contract.ts';
import { crc32, crc32c, crc64nvme, joinCrc } from './crc.ts';
import { invalidRequest } from './errors.ts';
import type { Checksum, ChecksumAlgorithm, ChecksumType } from './model.ts';

/** A running checksum over the bytes it has been given. */
export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** Ends it: the value in base64. */
  digest(): string;
}

const crcs = { CRC32: crc32, CRC32C: crc32c, CRC64NVME: crc64nvme } as const;
const crcKinds = { CRC32: 'crc32', CRC32C: 'crc32c', CRC64NVME: 'crc64nvme' } as const;

/** Value lengths in bytes. */
const lengths: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

/** Every algorithm that S3 knows here. */
export const checksumAlgorithms = Object.keys(lengths) as readonly ChecksumAlgorithm[];

/** What S3 computes itself where the client asks for no checksum. */
export const defaultAlgorithm: ChecksumAlgorithm = 'CRC64NVME';

/** Begins a checksum over no bytes. */
export function startChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  if (algorithm === 'SHA1' || algorithm === 'SHA256') {
    const hash = createHash(algorithm);
    return { update: (bytes) => hash.update(bytes), digest: () => hash.digest('base64') };
  }
  const crc = crcs[algorithm]();
  return { update: (bytes) => crc.update(bytes), digest: () => crc.value().toString('base64') };
}

/** For example `x-amz-checksum-crc32`. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The member of S3's XML, for example `ChecksumCRC32`. */
export function checksumMember(algorithm: ChecksumAlgorithm): `Checksum${ChecksumAlgorithm}` {
  return `Checksum${algorithm}`;
}

/** What a request says of its payload's checksum. */
export interface StatedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Absent where it comes in a trailer, after the payload. */
  readonly value?: string;
}

/**
 * Reads which checksum a request states, in a header or in an announced trailer.
 * @throws ServiceError InvalidRequest for an unknown algorithm, several values, or a malformed one
 */
export function statedChecksum(headers: Readonly<Record<string, string>>): StatedChecksum | undefined {
  const trailer = headers['x-amz-trailer']?.trim().toLowerCase();
  const stated = checksumAlgorithms.filter((algorithm) => {
    const header = checksumHeader(algorithm);
    return headers[header] !== undefined || header === trailer;
  });
  const named = headers['x-amz-sdk-checksum-algorithm'];
  const expected = named === undefined ? undefined : algorithmOf(named, 'x-amz-sdk-checksum-algorithm');
  const [algorithm, another] = stated;
  if (another !== undefined) {
    throw invalidRequest(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  if (algorithm === undefined) {
    if (expected === undefined) return undefined;
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  if (expected !== undefined && expected !== algorithm) {
    throw invalidRequest(`Value for x-amz-sdk-checksum-algorithm header is invalid.`);
  }
  const value = headers[checksumHeader(algorithm)];
  if (value === undefined) return { algorithm };
  assertWellFormed(algorithm, value);
  return { algorithm, value };
}

/** Reads the name of an algorithm, in any case. Throws ServiceError InvalidRequest naming `where`. */
export function algorithmOf(name: string, where: string): ChecksumAlgorithm {
  const algorithm = checksumAlgorithms.find((known) => known === name.toUpperCase());
  if (algorithm) return algorithm;
  throw invalidRequest(
    `Value for ${where} header is invalid: expected one of ${checksumAlgorithms.join(', ')}, received ${name}.`,
  );
}

/**
 * Compares what a request stated with what arrived; `trailers` are read only now, after the payload's end.
 * @throws ServiceError BadDigest, or InvalidRequest or MalformedTrailerError for a malformed or missing trailer
 */
export function assertStated(
  stated: StatedChecksum,
  trailers: Readonly<Record<string, string>>,
  computed: string,
): void {
  const header = checksumHeader(stated.algorithm);
  const value = stated.value ?? trailers[header];
  if (value === undefined) {
    const message =
      'The request contained trailing data that was not well-formed or did not conform to our published schema.';
    throw new ServiceError('MalformedTrailerError', message, 400, { Header: header });
  }
  assertWellFormed(stated.algorithm, value);
  if (value !== computed) throw mismatch(stated.algorithm);
}

/** A part's or an object's stated checksum is not the one that S3 computed. */
export function mismatch(algorithm: ChecksumAlgorithm): ServiceError {
  return new ServiceError(
    'BadDigest',
    `The ${algorithm} you specified did not match the calculated checksum.`,
  );
}

/** Throws ServiceError InvalidRequest unless `value` is base64 of the right number of bytes. */
function assertWellFormed(algorithm: ChecksumAlgorithm, value: string): void {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === lengths[algorithm] && bytes.toString('base64') === value) return;
  throw invalidRequest(`Value for ${checksumHeader(algorithm)} header is invalid.`);
}

/** The types that an algorithm allows for objects of several parts. The first is the default. */
export function checksumTypes(algorithm: ChecksumAlgorithm): readonly ChecksumType[] {
  if (algorithm === 'CRC64NVME') return ['FULL_OBJECT'];
  return algorithm === 'SHA1' || algorithm === 'SHA256' ? ['COMPOSITE'] : ['COMPOSITE', 'FULL_OBJECT'];
}

/**
 * The checksum of an object from those of its parts: composite is the checksum of the parts' checksums,
 * full-object is that of all bytes (CRCs only).
 */
export function joinChecksums(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { readonly size: number; readonly checksum: string }[],
): Checksum {
  if (type === 'COMPOSITE') {
    const whole = startChecksum(algorithm);
    for (const { checksum } of parts) whole.update(Buffer.from(checksum, 'base64'));
    return { algorithm, type, value: `${whole.digest()}-${parts.length}` };
  }
  if (algorithm === 'SHA1' || algorithm === 'SHA256') {
    throw invalidRequest(
      `The FULL_OBJECT checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  let joined = crcs[algorithm]().value();
  for (const { size, checksum } of parts) {
    joined = joinCrc(crcKinds[algorithm], joined, Buffer.from(checksum, 'base64'), size);
  }
  return { algorithm, type, value: joined.toString('base64') };
}
