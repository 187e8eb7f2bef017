import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { shiftDate } from './date.ts';
import { collectGarbage } from './garbage.ts';
import type { ReportedError, WorkerEvent, WorkerMessage, WorkerStart } from './messages.ts';

type Handler = (event: unknown, context: object) => unknown;

/** Lambda's limit for what a function answers: 6 MB and a little, as its own message says it. */
const maximumResponseBytes = 6_291_556;

const start = workerData as WorkerStart;
const port = parentPort as NonNullable<typeof parentPort>;

const say = (message: WorkerMessage) => port.postMessage(message);

process.on('uncaughtException', (error) => stop(report(error)));
process.on('unhandledRejection', (reason) =>
  stop({ ...report(reason), errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: String(reason) }),
);

shiftDate(start.clockOffset);
await import('../guard.ts');
const handler = await loadHandler();
port.on('message', (message: WorkerEvent | 'rest') => {
  if (message === 'rest') collectGarbage();
  else void run(message);
});
say({ kind: 'ready' });
// For the next worker: a thread that is taken down keeps what it compiled to itself.
flushCompileCache();

async function run({ event, requestId, traceHeader, timeoutMs, context }: WorkerEvent): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  process.env._X_AMZN_TRACE_ID = traceHeader;
  try {
    const result = await handler(JSON.parse(event), {
      ...context,
      functionVersion: '$LATEST',
      awsRequestId: requestId,
      getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
    });
    say(answer(JSON.stringify(result) ?? 'null'));
  } catch (error) {
    say({ kind: 'error', error: report(error) });
  }
}

function answer(payload: string): WorkerMessage {
  const bytes = Buffer.byteLength(payload);
  if (bytes <= maximumResponseBytes) return { kind: 'result', payload };
  const limit = `exceeded maximum allowed payload size (${maximumResponseBytes} bytes).`;
  const errorMessage = `Response payload size (${bytes} bytes) ${limit}`;
  return {
    kind: 'error',
    error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage, stackTrace: [] },
  };
}

/** Errors are named as the Lambda runtime for Node.js names them. */
async function loadHandler(): Promise<Handler> {
  let loaded: Record<string, unknown>;
  try {
    loaded = await import(start.module);
  } catch (error) {
    return fail(initError(error));
  }
  const exported = loaded[start.exportName];
  if (typeof exported === 'function') return exported as Handler;
  return fail({
    errorType: 'Runtime.HandlerNotFound',
    errorMessage: `${start.handler} is undefined or not exported`,
    stackTrace: [],
  });
}

function initError(error: unknown): ReportedError {
  const reported = report(error);
  if ((error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND') {
    return { ...reported, errorType: 'Runtime.ImportModuleError', errorMessage: String(error) };
  }
  if (error instanceof SyntaxError) return { ...reported, errorType: 'Runtime.UserCodeSyntaxError' };
  return reported;
}

function stop(error: ReportedError): void {
  say({ kind: 'fatal', error });
  process.exit(129);
}

/** Waits to be ended: whatever else the module started must not go on meanwhile. */
function fail(error: ReportedError): Promise<never> {
  stop(error);
  return new Promise(() => {});
}

function report(error: unknown): ReportedError {
  if (error instanceof Error || Object.prototype.toString.call(error) === '[object Error]') {
    const { name, message, stack } = error as Error;
    return { errorType: name, errorMessage: message, stackTrace: (stack ?? '').split('\n') };
  }
  return { errorType: typeof error, errorMessage: String(error), stackTrace: [] };
}
