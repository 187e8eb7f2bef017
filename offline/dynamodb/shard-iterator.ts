import * as z from 'zod';
import { ServiceError } from '../contract.ts';
import { invalid } from './errors.ts';

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html
const lifeMs = 15 * 60 * 1000;

const shape = z.object({ arn: z.string(), after: z.number(), at: z.number() });

/** Where reading a stream continues: after a sequence number. Made at `at` of the clock. */
export type ShardIterator = z.infer<typeof shape>;

/** The iterator as the opaque string that clients carry. */
export function encodeIterator(iterator: ShardIterator): string {
  return Buffer.from(JSON.stringify(iterator)).toString('base64url');
}

/** Throws ExpiredIteratorException after fifteen minutes, ValidationException for anything not made here. */
export function decodeIterator(text: string, now: number): ShardIterator {
  const iterator = parse(text);
  if (!iterator) throw invalid('ShardIterator: expected one from GetShardIterator or GetRecords');
  if (iterator.at >= now - lifeMs) return iterator;
  throw new ServiceError('ExpiredIteratorException', 'The shard iterator is older than fifteen minutes');
}

/** The stream that an iterator reads; undefined for anything not made here. */
export function streamArnIn(text: unknown): string | undefined {
  return typeof text === 'string' ? parse(text)?.arn : undefined;
}

function parse(text: string): ShardIterator | undefined {
  try {
    return shape.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}
