import type * as z from 'zod';
import { ServiceError } from './contract.ts';

/** The codes under which a service tells that a parameter is missing or wrong. */
export interface InputCodes {
  readonly missing: string;
  readonly invalid: string;
}

/**
 * Reads what an operation was asked.
 * @throws ServiceError naming the first wrong parameter, what was expected and what came
 */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  input: Readonly<Record<string, unknown>>,
  codes: InputCodes,
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0] as z.core.$ZodIssue;
  const value = issue.path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown>)?.[step], input);
  const name = issue.path.map(String).join('.');
  if (value === undefined) {
    throw new ServiceError(codes.missing, `The request must contain the parameter ${name}.`);
  }
  const shown = JSON.stringify(value)?.slice(0, 200);
  throw new ServiceError(
    codes.invalid,
    `Value ${shown} for parameter ${name} is invalid. Reason: ${issue.message}.`,
  );
}
