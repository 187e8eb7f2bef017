import * as z from 'zod';
import { ServiceError } from '../contract.ts';

/** API Reference, Record: "1,000 KB (before base64 encoding)"; AWS counts 1 024 000 bytes. */
const LARGEST_RECORD = 1_024_000;

const atLeast = (length: number) => `Member must have length greater than or equal to ${length}`;
const atMost = (length: number) => `Member must have length less than or equal to ${length}`;
const between = (low: number, high: number) => `Member must have value between ${low} and ${high}`;

const streamName = z
  .string()
  .min(1, atLeast(1))
  .max(64, atMost(64))
  .regex(/^[\w.-]+$/, 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+');
const record = z.object({
  Data: z
    .string()
    .refine((data) => Buffer.byteLength(data, 'base64') <= LARGEST_RECORD, atMost(LARGEST_RECORD)),
});
const limit = (most: number) => z.number().min(1, between(1, most)).max(most, between(1, most)).default(10);

export const ofStream = z.object({ DeliveryStreamName: streamName });
export const putRecord = ofStream.extend({ Record: record });
export const putRecordBatch = ofStream.extend({
  Records: z.array(record).min(1, atLeast(1)).max(500, atMost(500)),
});
export const listDeliveryStreams = z.object({
  Limit: limit(10_000),
  DeliveryStreamType: z.string().optional(),
  ExclusiveStartDeliveryStreamName: streamName.optional(),
});

/**
 * Reads an operation's input.
 * @throws ServiceError SerializationException for a member of another type, ValidationException otherwise, in the
 * words of AWS
 */
export function read<Schema extends z.ZodType>(
  schema: Schema,
  input: Readonly<Record<string, unknown>>,
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const told = parsed.error.issues.map((issue) => problemOf(issue, input));
  const counted = told.length === 1 ? '1 validation error' : `${told.length} validation errors`;
  throw new ServiceError('ValidationException', `${counted} detected: ${told.join('; ')}`);
}

/** @throws ServiceError SerializationException for what is no base64 */
export function checkBase64(data: string): void {
  if (data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data)) return;
  throw new ServiceError('SerializationException', `Expected base64 as Data, "${data.slice(0, 40)}" came.`);
}

function problemOf(issue: z.core.$ZodIssue, input: unknown): string {
  const value = issue.path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown>)?.[step], input);
  const name = issue.path.map(spelled).join('.');
  if (value === undefined || value === null) {
    return `Value null at '${name}' failed to satisfy constraint: Member must not be null`;
  }
  if (issue.code === 'invalid_type') {
    throw new ServiceError('SerializationException', `Expected ${issue.expected} as ${name}.`);
  }
  return `Value at '${name}' failed to satisfy constraint: ${issue.message}`;
}

/** AWS counts the members of lists from one. */
function spelled(step: PropertyKey): string {
  if (typeof step === 'number') return `${step + 1}.member`;
  const name = String(step);
  return name.charAt(0).toLowerCase() + name.slice(1);
}
