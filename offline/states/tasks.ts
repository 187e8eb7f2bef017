import type { Context } from '../contract.ts';
import { StateFailed, toldError, withinLimit } from './errors.ts';
import type { Execution } from './execution.ts';
import type { Scope } from './intrinsics.ts';
import type { StateOf } from './language.ts';
import { type Integration, inputOf, integrationOf, isBareFunction, outputOf } from './resources.ts';
import { failureOf } from './service-errors.ts';
import { secondsAt } from './timing.ts';

export interface TaskHost {
  readonly context: Context;
  /** The ARNs of the stack's functions. */
  readonly functions: ReadonlySet<string>;
  /** Aborts when the execution is ended from outside; its reason is what the waiting code throws. */
  readonly closing: AbortSignal;
}

type Note = (type: string, details: object) => void;

/** Quotas: a task that is given no time has a year. */
const YEAR_SECONDS = 31_536_000;

/**
 * Runs the work of a Task once, as the machine's role, within its timeout.
 *
 * @throws StateFailed by the name that Retry and Catch know: a function's own error, `Lambda.ServiceException`,
 * `States.Timeout`, `DynamoDB.ConditionalCheckFailedException` ...
 */
export async function runTask(
  host: TaskHost,
  state: StateOf<'Task'>,
  payload: unknown,
  scope: Scope,
  execution: Execution,
  note: Note,
): Promise<unknown> {
  const integration = integrationOf(state, host.functions);
  const { TimeoutSeconds, TimeoutSecondsPath } = state;
  const seconds = TimeoutSecondsPath === undefined ? TimeoutSeconds : secondsAt(TimeoutSecondsPath, scope);
  const named = namedFor(integration);
  const asked = withinLimit(payload, integration.resource);
  note(...named.scheduled(asked, seconds, host.context.region));
  note(...named.started());
  try {
    const output = await withinTime(host, seconds ?? YEAR_SECONDS, (signal) =>
      ask(host, integration, payload, execution, signal),
    );
    const giver = isBareFunction(integration) ? integration.resource : integration.resourceType;
    note(...named.succeeded(withinLimit(output, giver)));
    return output;
  } catch (error) {
    if (error instanceof StateFailed) note(...named.failed(error));
    throw error;
  }
}

async function withinTime<Result>(
  { context, closing }: TaskHost,
  seconds: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const over = Promise.withResolvers<never>();
  const ended = new AbortController();
  const timer = context.clock.setTimeout(
    () => over.reject(new StateFailed('States.Timeout', '')),
    1_000 * seconds,
  );
  const close = () => over.reject(closing.reason);
  closing.addEventListener('abort', close, { once: true });
  try {
    closing.throwIfAborted();
    return await Promise.race([work(ended.signal), over.promise]);
  } finally {
    timer.cancel();
    closing.removeEventListener('abort', close);
    ended.abort();
  }
}

async function ask(
  { context }: TaskHost,
  integration: Integration,
  payload: unknown,
  { machine, traceHeader }: Execution,
  signal: AbortSignal,
): Promise<unknown> {
  const { service, operation } = integration;
  const principal = { kind: 'service', name: 'states.amazonaws.com', sourceArn: machine.arn } as const;
  const trace = service === 'lambda' && traceHeader ? { TraceHeader: traceHeader } : {};
  const input = { ...inputOf(integration, payload), ...trace };
  const answer = await context.call(principal, service, operation, input, signal).catch((error: unknown) => {
    throw failureOf(error, integration, context.random.uuid());
  });
  return service === 'lambda' ? functionResult(integration, answer) : outputOf(integration, answer);
}

function functionResult(integration: Integration, answer: Readonly<Record<string, unknown>>): unknown {
  const { FunctionError, Payload = null, StatusCode } = answer;
  if (FunctionError === undefined) {
    return isBareFunction(integration) ? Payload : { ExecutedVersion: '$LATEST', Payload, StatusCode };
  }
  const { errorType } = (Payload ?? {}) as { errorType?: string };
  if (errorType) throw new StateFailed(errorType, JSON.stringify(Payload));
  throw new StateFailed(
    'Lambda.Unknown',
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${JSON.stringify(Payload)}`,
  );
}

type Told = [type: string, details: object];

/** How the history tells of a task: functions named by their ARN have events of their own. */
function namedFor({ resourceType, resource, ...integration }: Integration) {
  const isFunction = isBareFunction({ resourceType, resource, ...integration });
  const kind = isFunction ? 'LambdaFunction' : 'Task';
  const where = isFunction ? {} : { resourceType, resource };
  return {
    scheduled: (asked: string, seconds: number | undefined, region: string): Told => [
      `${kind}Scheduled`,
      {
        ...(isFunction ? { resource, input: asked } : { ...where, region, parameters: asked }),
        ...(seconds !== undefined && { timeoutInSeconds: seconds }),
      },
    ],
    started: (): Told => [`${kind}Started`, where],
    succeeded: (output: string): Told => [`${kind}Succeeded`, { ...where, output }],
    failed: (failure: StateFailed): Told => [
      `${kind}${failure.error === 'States.Timeout' ? 'TimedOut' : 'Failed'}`,
      { ...where, ...toldError(failure) },
    ],
  };
}
