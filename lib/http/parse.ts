import type * as z from 'zod';
import { type FieldError, Problem } from '../problem.ts';
import { expectationOf } from './expectation.ts';

/** What is named of what is wrong: a body may hold a hundred thousand unknown fields, an answer may not. */
const MAX_ERRORS = 20;
const MAX_NAME_LENGTH = 100;

/** The value in the schema's shape, or 422 with a pointer to each field that is not, 20 at most. */
export function parseFields<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  part: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(value, { error: expectationOf });
  if (parsed.success) return parsed.data;
  throw new Problem(422, 'invalid-request', `The ${part} has fields that cannot be used; see errors.`, {
    errors: parsed.error.issues.flatMap(toFieldErrors).slice(0, MAX_ERRORS),
  });
}

function toFieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MAX_ERRORS).map((key) => ({
      pointer: pointerTo([...issue.path, key]),
      detail: 'There is no such field here.',
    }));
  }
  return [{ pointer: pointerTo(issue.path), detail: issue.message }];
}

/** RFC 6901: `~` and `/` inside a name are escaped. */
function pointerTo(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${shortened(String(part)).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

function shortened(name: string): string {
  return name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name;
}
