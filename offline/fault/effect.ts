import * as z from 'zod';

const ms = z.number().int().min(0).max(3_600_000);

/** What may happen to a call, by `kind`. */
export const effectSchema = z.discriminatedUnion('kind', [
  /** The call waits, on the stack's clock, before it takes effect or before its answer is heard. */
  z
    .strictObject({
      kind: z.literal('delay'),
      minMs: ms.default(0),
      maxMs: ms,
      when: z.enum(['before', 'after']).default('before'),
    })
    .refine(({ minMs, maxMs }) => minMs <= maxMs, { path: ['minMs'], error: 'must not be above maxMs' }),
  /** The call takes effect twice, one after the other; the caller hears of the first. */
  z.strictObject({ kind: z.literal('duplicate') }),
  /** The connection breaks: before the call took effect, or after, so that only its answer is lost. */
  z.strictObject({ kind: z.literal('drop'), when: z.enum(['before', 'after']).default('after') }),
  /** The worker of the function that calls is ended, before the call took effect or after. */
  z.strictObject({ kind: z.literal('crash'), when: z.enum(['before', 'after']).default('after') }),
  /** Refused with the service's own error for too many calls. */
  z.strictObject({ kind: z.literal('throttle') }),
  /** Refused with the service's own error for a failure of its own. */
  z.strictObject({ kind: z.literal('fail'), status: z.union([z.literal(500), z.literal(503)]).default(500) }),
  /** DynamoDB: another transaction is at work on the same items. */
  z.strictObject({ kind: z.literal('conflict') }),
  /** Batch operations: some entries aren't done, as the answer says; each with this probability. */
  z.strictObject({ kind: z.literal('partial'), share: z.number().gt(0).max(1).default(0.5) }),
  /** DynamoDB: eventually consistent reads and indexes lag behind by so much. */
  z.strictObject({ kind: z.literal('stale'), ms: ms.min(1).max(60_000) }),
  /** SQS: messages are received in any order. */
  z.strictObject({ kind: z.literal('unordered') }),
  /** SQS: what is received stays visible, so that it is delivered again. */
  z.strictObject({ kind: z.literal('redelivered') }),
]);

export type Effect = z.output<typeof effectSchema>;

/** The calls that some effects are limited to, as `service:Operation`; others can happen to any call. */
const possible: Partial<Record<Effect['kind'], readonly string[]>> = {
  conflict: [
    'dynamodb:TransactWriteItems',
    'dynamodb:TransactGetItems',
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
    'dynamodb:DeleteItem',
  ],
  partial: [
    'dynamodb:BatchWriteItem',
    'dynamodb:BatchGetItem',
    'sqs:SendMessageBatch',
    'sqs:DeleteMessageBatch',
    'sqs:ChangeMessageVisibilityBatch',
    'sns:PublishBatch',
    'firehose:PutRecordBatch',
  ],
  stale: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:Scan'],
  unordered: ['sqs:ReceiveMessage'],
  redelivered: ['sqs:ReceiveMessage'],
};

/** Whether `effect` can happen to this operation of the service. */
export function canMeet({ kind }: Effect, service: string, operation: string): boolean {
  return possible[kind]?.includes(`${service}:${operation}`) ?? true;
}

/** Whether `effect` can happen to any operation of the service. */
export function canMeetAny({ kind }: Effect, service: string): boolean {
  return possible[kind]?.some((call) => call.startsWith(`${service}:`)) ?? true;
}
