import type { Activity } from '../activity.ts';
import type { Context } from '../contract.ts';
import { readBatchResponse } from './batch-response.ts';
import { datedKey, sendToDestination } from './destinations.ts';
import { invokeFunction } from './invoke.ts';
import type { StreamMapping } from './mapping.ts';
import { lambdaPrincipal } from './principal.ts';
import { pause } from './retry-pause.ts';

/** A stream record as GetRecords answers it; what isn't named here is passed on as it came. */
export interface StreamRecord {
  readonly dynamodb: {
    readonly SequenceNumber: string;
    readonly Keys: unknown;
    /** Seconds since the epoch. */
    readonly ApproximateCreationDateTime: number;
  };
}

/** Records that are tried together, after `failures` attempts that got nowhere. */
interface Attempt {
  readonly records: readonly StreamRecord[];
  readonly failures: number;
}

export interface BatchPlace {
  readonly context: Context;
  readonly mapping: StreamMapping;
  readonly shardId: string;
  readonly activity: Activity;
  readonly closing: AbortSignal;
  /** To be called with records that are done with, processed or given up. */
  readonly settle: (records: readonly StreamRecord[]) => void;
}

/**
 * Takes a batch through its function, in order, until every record is processed or given up: retried after
 * pauses, halved where the mapping bisects, continued at the first failure where the function reports it. A
 * halving does not count as a retry. What is under way when the source closes stays unsettled.
 */
export async function processBatch(batch: readonly StreamRecord[], place: BatchPlace): Promise<void> {
  const { mapping, closing, settle, activity, context } = place;
  const work: Attempt[] = [{ records: batch, failures: 0 }];
  for (let attempt = work.shift(); attempt && !closing.aborted; attempt = work.shift()) {
    const records = await withoutOld(attempt, place);
    if (records.length === 0) continue;
    const done = await countProcessed(records, place);
    settle(records.slice(0, done));
    const rest = records.slice(done);
    if (rest.length === 0 || closing.aborted) continue;
    const failures = done > 0 ? 0 : attempt.failures;
    const splits = mapping.bisects && (done > 0 || rest.length > 1);
    if (splits) {
      work.unshift(...(done > 0 ? [rest] : halves(rest)).map((part) => ({ records: part, failures })));
    } else if (failures < mapping.maximumRetries) {
      work.unshift({ records: rest, failures: failures + 1 });
    } else {
      await discard(rest, 'RetryAttemptsExhausted', failures + 1, place);
      continue;
    }
    await activity.resting(pause(context.clock, failures + 1, closing));
  }
}

/** How many records, from the first on, the function processed. */
async function countProcessed(records: readonly StreamRecord[], place: BatchPlace): Promise<number> {
  const { context, mapping } = place;
  const { sourceArn, functionName } = mapping;
  try {
    const outcome = await invokeFunction(context, lambdaPrincipal(sourceArn), {
      FunctionName: functionName,
      Payload: eventOf(records, mapping),
    });
    if (!outcome.ok) return 0;
    if (!mapping.reportsFailures) return records.length;
    const numbers = records.map(({ dynamodb }) => dynamodb.SequenceNumber);
    const response = readBatchResponse(outcome.payload, new Set(numbers));
    if (response.kind === 'failed') return 0;
    const first = numbers.findIndex((number) => response.failures.has(number));
    return first < 0 ? records.length : first;
  } catch (error) {
    if (!place.closing.aborted) {
      context.log(
        `Lambda: could not invoke ${functionName}: ${error instanceof Error ? error.message : error}`,
      );
    }
    return 0;
  }
}

function eventOf(records: readonly StreamRecord[], { sourceArn }: StreamMapping) {
  return { Records: records.map((record) => ({ ...record, eventSourceARN: sourceArn })) };
}

/** Gives up the records that are too old by now; the answer is the others. */
async function withoutOld(
  { records, failures }: Attempt,
  place: BatchPlace,
): Promise<readonly StreamRecord[]> {
  const oldest = place.context.clock.now() - place.mapping.maximumAgeMs;
  const isOld = ({ dynamodb }: StreamRecord) => dynamodb.ApproximateCreationDateTime * 1000 < oldest;
  const old = records.filter(isOld);
  if (old.length > 0) await discard(old, 'RecordAgeExceeded', failures, place);
  return old.length > 0 ? records.filter((record) => !isOld(record)) : records;
}

/** Gives records up: their whereabouts go to the failure destination, a bucket gets the records themselves. */
async function discard(
  records: readonly StreamRecord[],
  condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded',
  invocations: number,
  place: BatchPlace,
): Promise<void> {
  const { context, mapping, shardId } = place;
  const { onFailure: arn, principal, functionArn, id } = mapping;
  if (arn) {
    const report = {
      requestContext: {
        requestId: context.random.uuid(),
        functionArn,
        condition,
        approximateInvokeCount: invocations,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: new Date(context.clock.now()).toISOString(),
      DDBStreamBatchInfo: whereabouts(records, shardId, mapping.sourceArn),
      ...(arn.startsWith('arn:aws:s3:') ? { payload: JSON.stringify(eventOf(records, mapping)) } : {}),
    };
    const key = () => `aws/lambda/${id}/${shardId}/${datedKey(context)}`;
    await sendToDestination(context, { arn, principal }, report, key);
  } else {
    context.log(`Lambda: ${mapping.functionName} gave up ${records.length} stream records: ${condition}`);
  }
  place.settle(records);
}

function whereabouts(records: readonly StreamRecord[], shardId: string, streamArn: string) {
  const first = records[0]?.dynamodb as StreamRecord['dynamodb'];
  const last = records.at(-1)?.dynamodb as StreamRecord['dynamodb'];
  return {
    shardId,
    startSequenceNumber: first.SequenceNumber,
    endSequenceNumber: last.SequenceNumber,
    approximateArrivalOfFirstRecord: new Date(first.ApproximateCreationDateTime * 1000).toISOString(),
    approximateArrivalOfLastRecord: new Date(last.ApproximateCreationDateTime * 1000).toISOString(),
    batchSize: records.length,
    streamArn,
  };
}

function halves<Item>(items: readonly Item[]): [readonly Item[], readonly Item[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}
