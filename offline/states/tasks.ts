import type { Context } from '../contract.ts';
import { ServiceError } from '../contract.ts';
import { StateFailed } from './errors.ts';
import type { Execution } from './execution.ts';
import { readIn, type Scope } from './intrinsics.ts';
import type { StateOf } from './language.ts';
import { type Integration, inputOf, integrationOf, isBareFunction } from './resources.ts';

export interface TaskHost {
  readonly context: Context;
  /** The ARNs of the stack's functions. */
  readonly functions: ReadonlySet<string>;
  /** Aborts when the execution is ended from outside; its reason is what the waiting code throws. */
  readonly closing: AbortSignal;
}

type Note = (type: string, details: object) => void;

/** Lambda's own failures, where the SDK's error has no code. */
const CONNECTION_ERROR = 'SdkClientException';

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
  const seconds = state.TimeoutSecondsPath
    ? Number(readIn(state.TimeoutSecondsPath, scope))
    : state.TimeoutSeconds;
  const named = namedFor(integration);
  note(...named.scheduled(payload, seconds, host.context.region));
  note(...named.started());
  try {
    const output = await withinTime(host, seconds, (signal) =>
      ask(host, integration, payload, execution, signal),
    );
    note(...named.succeeded(output));
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
  const input = {
    ...inputOf(integration, payload),
    ...(service === 'lambda' && traceHeader && { TraceHeader: traceHeader }),
  };
  const principal = { kind: 'service', name: 'states.amazonaws.com', sourceArn: machine.arn } as const;
  const answer = await context.call(principal, service, operation, input, signal).catch((error: unknown) => {
    throw failureOf(integration, error);
  });
  return service === 'lambda' ? functionResult(integration, answer) : answer;
}

function functionResult(integration: Integration, answer: Readonly<Record<string, unknown>>): unknown {
  const { FunctionError, Payload, StatusCode } = answer;
  if (FunctionError !== undefined) {
    const { errorType = 'Lambda.Unknown' } = (Payload ?? {}) as { errorType?: string };
    throw new StateFailed(errorType, JSON.stringify(Payload));
  }
  const payload = Payload ?? null;
  if (isBareFunction(integration)) return payload;
  return { ExecutedVersion: '$LATEST', Payload: payload, StatusCode };
}

/** A permission that lacks is the machine's fault, and Lambda's own exception in Step Functions' words. */
function failureOf({ prefix }: Integration, error: unknown): StateFailed {
  if (!(error instanceof ServiceError)) {
    return new StateFailed(
      `${prefix}.${CONNECTION_ERROR}`,
      error instanceof Error ? error.message : String(error),
    );
  }
  const code =
    prefix === 'Lambda' && error.code === 'AccessDeniedException' ? 'AWSLambdaException' : error.code;
  const name = code.endsWith('Exception') || code.endsWith('Error') ? code : `${code}Exception`;
  return new StateFailed(`${prefix}.${name}`, error.message);
}

/** How the history tells of a task: functions named by their ARN have events of their own. */
function namedFor(integration: Integration) {
  type Told = [type: string, details: object];
  const { resourceType, resource } = integration;
  if (isBareFunction(integration)) {
    return {
      scheduled: (input: unknown, timeoutInSeconds: number): Told => [
        'LambdaFunctionScheduled',
        { resource, input: JSON.stringify(input), timeoutInSeconds },
      ],
      started: (): Told => ['LambdaFunctionStarted', {}],
      succeeded: (output: unknown): Told => ['LambdaFunctionSucceeded', { output: JSON.stringify(output) }],
      failed: ({ error, reason }: StateFailed): Told => [
        error === 'States.Timeout' ? 'LambdaFunctionTimedOut' : 'LambdaFunctionFailed',
        { error, cause: reason },
      ],
    };
  }
  const where = { resourceType, resource };
  return {
    scheduled: (parameters: unknown, timeoutInSeconds: number, region: string): Told => [
      'TaskScheduled',
      { ...where, region, parameters: JSON.stringify(parameters), timeoutInSeconds },
    ],
    started: (): Told => ['TaskStarted', where],
    succeeded: (output: unknown): Told => ['TaskSucceeded', { ...where, output: JSON.stringify(output) }],
    failed: ({ error, reason }: StateFailed): Told => [
      error === 'States.Timeout' ? 'TaskTimedOut' : 'TaskFailed',
      { ...where, error, cause: reason },
    ],
  };
}
