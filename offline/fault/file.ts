import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { ServiceName } from '../contract.ts';
import { canMeet, canMeetAny, effectSchema } from './effect.ts';

const services = [
  's3',
  'dynamodb',
  'dynamodbstreams',
  'sqs',
  'sns',
  'lambda',
  'cognito-idp',
  'secretsmanager',
  'states',
  'firehose',
  'personalize',
] as const satisfies ServiceName[];

const operation = z
  .string()
  .regex(/^[A-Z][A-Za-z0-9]+$/, 'must be the name of an AWS operation, for example PutItem');

const faultSchema = z
  .strictObject({
    /** What the report and the record of calls call it. */
    name: z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be 1 to 64 of a-z, 0-9 and -'),
    service: z.enum(services),
    /** Every operation that the effect can happen to, if left out. */
    operation: z.union([operation, z.array(operation).min(1)]).optional(),
    /** `photos`: that function; `service:sns`: that service; `developer`; `anonymous`. Everybody if left out. */
    caller: z
      .string()
      .regex(
        /^(service:[a-z0-9]+|[A-Za-z0-9]+)$/,
        'must be a function as serverless.yml names it, service:<name>, developer or anonymous',
      )
      .optional(),
    /** An ARN that the call must be about; `*` stands for anything. */
    resource: z.string().startsWith('arn:').optional(),
    /** Of each call that fits, 0 to 1. */
    probability: z.number().min(0).max(1).default(1),
    /** How many calls that fit are spared at first. */
    after: z.number().int().min(0).default(0),
    /** How often it happens at most. */
    times: z.number().int().min(1).optional(),
    effect: effectSchema,
  })
  .superRefine(({ service, operation: named, effect }, context) => {
    const path = ['effect', 'kind'];
    if (!canMeetAny(effect, service)) {
      context.addIssue({
        code: 'custom',
        path,
        message: `${effect.kind} can't happen to any call of ${service}`,
      });
    }
    for (const name of named === undefined ? [] : [named].flat()) {
      if (canMeet(effect, service, name)) continue;
      context.addIssue({
        code: 'custom',
        path,
        message: `${effect.kind} can't happen to ${service}:${name}`,
      });
    }
  });

const fileSchema = z
  .strictObject({ faults: z.array(faultSchema).max(100) })
  .superRefine(({ faults }, context) => {
    const names = faults.map(({ name }) => name);
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) === index) continue;
      context.addIssue({
        code: 'custom',
        path: ['faults', index, 'name'],
        message: `"${name}" is there twice`,
      });
    }
  });

/** One fault that calls may meet. */
export type FaultRule = z.output<typeof faultSchema>;

/**
 * The faults of a file, see docs/local-aws.md.
 * @throws Error that names the file and what is wrong with it
 */
export function readFaultFile(path: string): FaultRule[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`The fault file ${path} can't be read: ${(error as Error).message}.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`The fault file ${path} is no JSON: ${(error as Error).message}.`);
  }
  return parseFaults(value, path);
}

/**
 * @param source what the error calls it
 * @throws Error with each place that is wrong and what was expected there
 */
export function parseFaults(value: unknown, source: string): FaultRule[] {
  const parsed = fileSchema.safeParse(value);
  if (parsed.success) return parsed.data.faults;
  const places = parsed.error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`);
  throw new Error(`The faults of ${source} can't be used. ${places.join('; ')}.`);
}
