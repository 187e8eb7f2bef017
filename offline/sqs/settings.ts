import * as z from 'zod';

/** What a queue is set to, by the names of its attributes. Times are in seconds, sizes in bytes. */
export interface QueueSettings {
  readonly VisibilityTimeout: number;
  readonly MessageRetentionPeriod: number;
  readonly DelaySeconds: number;
  readonly ReceiveMessageWaitTimeSeconds: number;
  readonly MaximumMessageSize: number;
  readonly RedrivePolicy?: RedrivePolicy | undefined;
  readonly RedriveAllowPolicy?: RedriveAllowPolicy | undefined;
}

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

export interface RedriveAllowPolicy {
  readonly redrivePermission: 'allowAll' | 'denyAll' | 'byQueue';
  readonly sourceQueueArns?: readonly string[] | undefined;
}

/** The largest message, body and attributes together: 1 MiB, the limit of SQS since August 2025. */
export const LARGEST_MESSAGE = 1024 * 1024;

/** Templates and API calls give a policy as an object or as JSON. */
const json = z.preprocess((value) => (typeof value === 'string' ? tryJson(value) : value), z.unknown());
const number = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

const redrivePolicy = json.pipe(
  z.object({ deadLetterTargetArn: z.string().startsWith('arn:aws:sqs:'), maxReceiveCount: number(1, 1000) }),
);

const redriveAllowPolicy = json.pipe(
  z.object({
    redrivePermission: z.enum(['allowAll', 'denyAll', 'byQueue']).default('allowAll'),
    sourceQueueArns: z.array(z.string()).max(10).optional(),
  }),
);

/** The settings that can be changed by SetQueueAttributes; every one may be left out. */
export const changedSettings = z.object({
  VisibilityTimeout: number(0, 43_200).optional(),
  MessageRetentionPeriod: number(60, 1_209_600).optional(),
  DelaySeconds: number(0, 900).optional(),
  ReceiveMessageWaitTimeSeconds: number(0, 20).optional(),
  MaximumMessageSize: number(1_024, LARGEST_MESSAGE).optional(),
  RedrivePolicy: z.union([z.literal('').transform(() => undefined), redrivePolicy]).optional(),
  RedriveAllowPolicy: z.union([z.literal('').transform(() => undefined), redriveAllowPolicy]).optional(),
});

/**
 * Reads an `AWS::SQS::Queue`'s properties.
 * @throws Error naming what this SQS does not offer or understand
 */
export function settingsOf(logicalId: string, properties: Readonly<Record<string, unknown>>): QueueSettings {
  if (String(properties.FifoQueue) === 'true') {
    throw new Error(`Queue ${logicalId}: FifoQueue is not offered by the local SQS.`);
  }
  const parsed = changedSettings.safeParse(properties);
  if (!parsed.success) throw new Error(`Queue ${logicalId}: ${z.prettifyError(parsed.error)}`);
  const given = parsed.data;
  return {
    VisibilityTimeout: given.VisibilityTimeout ?? 30,
    MessageRetentionPeriod: given.MessageRetentionPeriod ?? 345_600,
    DelaySeconds: given.DelaySeconds ?? 0,
    ReceiveMessageWaitTimeSeconds: given.ReceiveMessageWaitTimeSeconds ?? 0,
    MaximumMessageSize: given.MaximumMessageSize ?? LARGEST_MESSAGE,
    RedrivePolicy: given.RedrivePolicy,
    RedriveAllowPolicy: given.RedriveAllowPolicy,
  };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
