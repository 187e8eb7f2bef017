import type * as z from 'zod';
import { ServiceError } from '../contract.ts';
import { parseInput } from '../parse-input.ts';

const CODES = { missing: 'MissingParameter', invalid: 'InvalidParameterValue' };

/** Reads an SQS operation's input; throws as SQS does. */
export function read<Schema extends z.ZodType>(
  schema: Schema,
  input: Readonly<Record<string, unknown>>,
): z.output<Schema> {
  return parseInput(schema, input, CODES);
}

export function invalid(message: string): ServiceError {
  return new ServiceError(CODES.invalid, message);
}

export function queueDoesNotExist(): ServiceError {
  return new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
}
