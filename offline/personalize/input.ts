import * as z from 'zod';
import type { Call } from '../contract.ts';
import { parseInput } from '../parse-input.ts';

const CODES = { missing: 'InvalidInputException', invalid: 'InvalidInputException' };

/** @throws ServiceError InvalidInputException naming the parameter */
export function read<Schema extends z.ZodType>(schema: Schema, input: Call['input']): z.output<Schema> {
  return parseInput(schema, input, CODES);
}

/** Source of all limits: the constraints of the API references of Personalize. */
export const arn = z
  .string()
  .max(256)
  .regex(/^arn:([a-z\d-]+):personalize:.*:.*:.+$/);
export const id = z.string().min(1).max(256);
