import type { RecordedCall } from '../../../offline/gateway/record.ts';
import { type LogLine, LogTail } from '../log-tail.ts';
import { stack } from './stack.ts';

export type { RecordedCall } from '../../../offline/gateway/record.ts';

/** Who made a call: the function by its key in serverless.yml, the service by its name, or `developer`. */
export function callerOf({ principal }: RecordedCall): string {
  if (principal.kind === 'function') return principal.name.replace('afterparty-local-', '');
  return principal.kind === 'service' ? principal.name : principal.kind;
}

/** What a call needed, as `caller action resource`, ids left out; one line for each right. */
export function linesOf(call: RecordedCall): string[] {
  return call.needs.map(({ action, resource }) => `${callerOf(call)} ${action} ${placeOf(resource)}`);
}

/** Runs what the test does to its end and returns the calls that it led to; those of the schedule are left out. */
export async function recorded(work: () => Promise<unknown>): Promise<RecordedCall[]> {
  await stack.idle();
  const last = (await stack.record()).at(-1)?.seq ?? 0;
  await work();
  await stack.idle();
  const calls = await stack.record(last);
  return calls.filter(
    (call) =>
      callerOf(call) !== 'settleOverdue' &&
      !call.needs.some(({ resource }) => resource.endsWith('settleOverdue')),
  );
}

/** What a function calls while `work` is done, in order; `after` says how many of its kind come before. */
export async function callsOf(lambda: string, work: () => Promise<unknown>) {
  const seen = new Map<string, number>();
  return (await recorded(work))
    .filter((call) => callerOf(call) === lambda)
    .map(({ service, operation }) => {
      const after = seen.get(`${service} ${operation}`) ?? 0;
      seen.set(`${service} ${operation}`, after + 1);
      return { service, operation, after };
    });
}

/** The structured lines that the functions have logged, with the function's key as `lambda`. */
export async function logLines(): Promise<LogLine[]> {
  const tail = new LogTail(stack.stateDir);
  try {
    return await tail.read();
  } finally {
    await tail.close();
  }
}

/** An ARN's last part, with the folder of an object in its key's place. */
function placeOf(resource: string): string {
  const [, , service, , , ...rest] = resource.split(':');
  const name = rest.join(':').replaceAll('afterparty-local-', '');
  if (service === 's3') return name.replace(/^media-\w+-eu-west-1\/?(\w*).*$/, 'media/$1');
  return name.replace(/^(table|function)[:/]/, '').replace(/\/stream\/.*$/, '/stream');
}
