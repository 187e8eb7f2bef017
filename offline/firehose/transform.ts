import type { Activity } from '../activity.ts';
import { type Context, type Invocation, type Principal, ServiceError } from '../contract.ts';
import { invokeFunction } from '../lambda/invoke.ts';
import { fittingBatches } from '../lambda/payloads.ts';
import { pause } from '../lambda/retry-pause.ts';
import { failed, judge, type Verdict } from './judge.ts';
import type { DeliveryStream, Processor } from './settings.ts';
import type { BufferedRecord } from './store.ts';

/** What became of a record, and after how many invocations that was known. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly attempts: number;
  readonly endedAt: number;
}

/** What transforming goes on in. */
export interface Surroundings {
  readonly context: Context;
  readonly activity: Activity;
  /** Aborts when the engine is closed: nothing is known of the records then. */
  readonly closing: AbortSignal;
}

/** Developer Guide, "Lambda invocation duration": up to 5 minutes. */
const LONGEST_MS = 300_000;

/**
 * Lets the stream's function transform records, in as many invocations as its buffer size asks for, one after
 * the other. A failed one is repeated, with pauses on the clock. Answers in the order of the records.
 * @throws the reason of `closing`
 */
export async function transform(
  surroundings: Surroundings,
  stream: DeliveryStream,
  processor: Processor,
  records: readonly BufferedRecord[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const chunks = chunksOf(records, processor.bufferBytes).map((chunk) => chunk.map(handed));
  for (const chunk of chunks.flatMap(fittingBatches)) {
    outcomes.push(...(await transformChunk(surroundings, stream, processor, chunk)));
  }
  return outcomes;
}

/** Runs of up to `bytes` of data. A record that is larger goes alone. */
function chunksOf(records: readonly BufferedRecord[], bytes: number): BufferedRecord[][] {
  const chunks: BufferedRecord[][] = [];
  let room = -1;
  for (const record of records) {
    const size = Buffer.byteLength(record.data, 'base64');
    if (size > room) {
      chunks.push([]);
      room = bytes;
    }
    chunks.at(-1)?.push(record);
    room -= size;
  }
  return chunks;
}

/** A record as the function is handed it. */
function handed({ id, at, data }: BufferedRecord) {
  return { recordId: String(id), approximateArrivalTimestamp: at, data };
}

async function transformChunk(
  surroundings: Surroundings,
  stream: DeliveryStream,
  { lambdaArn, retries }: Processor,
  records: readonly ReturnType<typeof handed>[],
): Promise<Outcome[]> {
  const { context, activity, closing } = surroundings;
  const { clock, random, region } = context;
  for (let attempts = 1; ; attempts++) {
    const event = { invocationId: random.uuid(), deliveryStreamArn: stream.arn, region, records };
    const answer = await invoke(surroundings, stream, lambdaArn, event);
    if ('payload' in answer || attempts > retries) {
      const verdicts = 'payload' in answer ? judge(records, answer.payload) : records.map(() => answer);
      const endedAt = Math.floor(clock.now());
      return verdicts.map((verdict) => ({ verdict, attempts, endedAt }));
    }
    await activity.resting(pause(clock, attempts, closing));
    closing.throwIfAborted();
  }
}

/** Invokes the function once, in the stream's role. */
async function invoke(
  { context, closing }: Surroundings,
  { arn }: DeliveryStream,
  FunctionName: string,
  Payload: unknown,
): Promise<{ readonly payload: unknown } | Verdict> {
  const principal: Principal = { kind: 'service', name: 'firehose.amazonaws.com', sourceArn: arn };
  const over = new AbortController();
  const either = AbortSignal.any([closing, over.signal]);
  try {
    const outcome = await Promise.race([
      invokeFunction(context, principal, { FunctionName, Payload }),
      context.clock.sleep(LONGEST_MS, either),
    ]);
    closing.throwIfAborted();
    if (!outcome) {
      return failed(
        'Lambda.FunctionTimedOut',
        'Firehose encountered timeout errors when calling AWS Lambda. The maximum supported function timeout is 5 minutes.',
      );
    }
    return outcome.ok ? { payload: outcome.payload } : failureOf(outcome.error);
  } catch (error) {
    closing.throwIfAborted();
    return refusalOf(error);
  } finally {
    over.abort();
  }
}

function failureOf({ errorType }: Extract<Invocation, { ok: false }>['error']): Verdict {
  return errorType === 'Sandbox.Timedout'
    ? failed(
        'Lambda.FunctionTimedOut',
        'The Lambda function invocation timed out. Increase the Timeout setting in the Lambda function.',
      )
    : failed(
        'Lambda.FunctionError',
        'The Lambda function was successfully invoked but it returned an error result.',
      );
}

/** Developer Guide, "Monitor Amazon Data Firehose Using CloudWatch Logs", Lambda invocation errors. */
function refusalOf(error: unknown): Verdict {
  const { code, message } =
    error instanceof ServiceError ? error : { code: '', message: (error as Error).message };
  if (code === 'AccessDeniedException') {
    return failed(
      'Lambda.InvokeAccessDenied',
      'Access was denied. Ensure that the access policy allows access to the Lambda function.',
    );
  }
  if (code === 'TooManyRequestsException') {
    return failed(
      'Lambda.InvokeLimitExceeded',
      'The Lambda concurrent execution limit is exceeded. Increase the concurrent execution limit.',
    );
  }
  return failed('Lambda.InternalServerError', message);
}
