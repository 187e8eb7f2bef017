import { correlated } from '../correlation.ts';
import { newId } from '../ids.ts';
import { observed } from '../observe.ts';

/** The handler of a Lambda that a schedule or an operator wakes; what `run` answers is logged and returned. */
export function scheduleHandler<Report extends object>(
  name: string,
  run: () => Promise<Report>,
): () => Promise<Report> {
  return () => {
    const correlationId = newId();
    const line: Record<string, unknown> = { correlationId };
    return correlated({ correlationId, actorId: 'system' }, () =>
      observed(name, line, async () => {
        const report = await run();
        Object.assign(line, report);
        return report;
      }),
    );
  };
}
