import type * as z from 'zod';
import { ServiceError } from '../contract.ts';
import { parseInput } from '../parse-input.ts';

const CODES = { missing: 'InvalidParameter', invalid: 'InvalidParameter' };

/** Reads an SNS operation's input; throws as SNS does. */
export function read<Schema extends z.ZodType>(
  schema: Schema,
  input: Readonly<Record<string, unknown>>,
): z.output<Schema> {
  return parseInput(schema, input, CODES);
}

export function invalid(problem: string): ServiceError {
  return new ServiceError('InvalidParameter', `Invalid parameter: ${problem}`);
}

export function notFound(what: 'Topic' | 'Subscription'): ServiceError {
  return new ServiceError('NotFound', `${what} does not exist`, 404);
}
