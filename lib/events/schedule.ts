import { correlated } from '../correlation.ts';
import { newId } from '../ids.ts';
import { observed } from '../observe.ts';

/**
 * The handler of a Lambda that a schedule or an operator wakes; what `run` answers is logged and returned.
 *
 * @param run gets what an operator sends along
 */
export function scheduleHandler<Report extends object>(
  name: string,
  run: (request: unknown) => Promise<Report>,
): (request: unknown) => Promise<Report> {
  return (request) => {
    const correlationId = newId();
    const line: Record<string, unknown> = { correlationId };
    return correlated({ correlationId, actorId: 'system' }, () =>
      observed(name, line, async () => {
        const report = await run(request);
        Object.assign(line, report);
        return report;
      }),
    );
  };
}
