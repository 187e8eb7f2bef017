import type * as z from 'zod';
import { correlated, correlationIdFrom } from '../correlation.ts';
import { observed } from '../observe.ts';

/**
 * The handler of a state machine's task. What it throws goes to Retry and Catch by the error's name; each try
 * leaves one log line.
 */
export function stepHandler<Schema extends z.ZodType<{ readonly correlationId: string }>, Result>(
  name: string,
  schema: Schema,
  run: (input: z.infer<Schema>) => Promise<Result>,
): (event: unknown) => Promise<Result | Record<string, never>> {
  return async (event) => {
    const input = schema.parse(event);
    const correlationId = correlationIdFrom(input.correlationId);
    return correlated({ correlationId, actorId: 'system' }, () =>
      observed(name, { ...idsIn(input), correlationId }, async () => (await run(input)) ?? {}),
    );
  };
}

/** The parts of an input that a log is searched by. */
function idsIn(input: object): Record<string, unknown> {
  const names = ['photoId', 'editId', 'batchId', 'page', 'executionName'];
  return Object.fromEntries(Object.entries(input).filter(([name]) => names.includes(name)));
}
