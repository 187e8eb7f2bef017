import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Random } from '../random.ts';
import { compileTimePattern } from './java-time.ts';
import type { Failure } from './judge.ts';
import type { Prefix } from './prefix.ts';
import type { DeliveryStream } from './settings.ts';
import type { BufferedRecord, OwedObject } from './store.ts';
import type { Outcome } from './transform.ts';

const compress = promisify(gzip);
const suffixTime = compileTimePattern('yyyy-MM-dd-HH-mm-ss');

/** The configuration of a stream can't be changed here while it is there. */
export const VERSION = '1';

/**
 * The objects that come of the records of one flush: of what was transformed, and of what could not be.
 * @param outcomes of the records, in their order
 */
export async function objectsOf(
  stream: DeliveryStream,
  records: readonly BufferedRecord[],
  outcomes: readonly Outcome[],
  random: Random,
): Promise<OwedObject[]> {
  const { delivered, failed } = stream.prefixes;
  const data: Piece[] = [];
  const failures: Piece[] = [];
  for (const [index, record] of records.entries()) {
    const outcome = outcomes[index] as Outcome;
    const { verdict } = outcome;
    if (verdict.result === 'Ok') data.push({ at: record.at, bytes: verdict.data });
    if (verdict.result === 'ProcessingFailed') {
      failures.push({ at: record.at, bytes: failureLine(stream, record, outcome, verdict.failure) });
    }
  }
  const name = `${stream.arn} ${records[0]?.id}`;
  return [
    ...(await objectOf(stream, delivered, data, name, random)),
    ...(await objectOf(stream, failed, failures, `${name} failed`, random)),
  ];
}

/** What one record adds to an object. */
interface Piece {
  readonly at: number;
  readonly bytes: Buffer;
}

/**
 * @param name what the object's UUID is made of: the same records give the same after a kill, so that an object
 * that was written already is written over
 */
async function objectOf(
  stream: DeliveryStream,
  prefix: Prefix,
  pieces: readonly Piece[],
  name: string,
  random: Random,
): Promise<OwedObject[]> {
  if (pieces.length === 0) return [];
  const at = pieces.reduce((oldest, piece) => Math.min(oldest, piece.at), Number.POSITIVE_INFINITY);
  const plain = Buffer.concat(pieces.map(({ bytes }) => bytes));
  const body = stream.gzip ? await compress(plain) : plain;
  const suffix = `${stream.name}-${VERSION}-${suffixTime(new Date(at))}-${uuidOf(name)}`;
  const key = `${prefix({ at, random })}${suffix}${stream.gzip ? '.gz' : ''}`;
  return [{ key, at, gzip: stream.gzip, body: body.toString('base64') }];
}

/** Developer Guide, "Handle failure in data transformation". */
function failureLine(
  { processor }: DeliveryStream,
  record: BufferedRecord,
  { attempts, endedAt }: Outcome,
  { code, message }: Failure,
): Buffer {
  const line = {
    attemptsMade: attempts,
    arrivalTimestamp: record.at,
    errorCode: code,
    errorMessage: message,
    attemptEndingTimestamp: endedAt,
    rawData: record.data,
    lambdaArn: processor?.lambdaArn,
  };
  return Buffer.from(`${JSON.stringify(line)}\n`);
}

function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
