import { correlated } from '../correlation.ts';
import { newId } from '../ids.ts';
import { observed } from '../observe.ts';

/** The handler of a Lambda that a schedule wakes; what `run` answers goes into its log line. */
export function scheduleHandler(
  name: string,
  run: () => Promise<Readonly<Record<string, unknown>>>,
): () => Promise<void> {
  return () => {
    const correlationId = newId();
    const line: Record<string, unknown> = { correlationId };
    return correlated({ correlationId, actorId: 'system' }, () =>
      observed(name, line, async () => {
        Object.assign(line, await run());
      }),
    );
  };
}
