import { Activity } from '../activity.ts';
import type { Context, Invocation } from '../contract.ts';
import { queueNameOf, queueUrl } from '../sqs/names.ts';
import { readBatchResponse } from './batch-response.ts';
import { invokeFunction } from './invoke.ts';
import type { Mapping } from './mapping.ts';
import { fittingBatches } from './payloads.ts';
import { lambdaPrincipal } from './principal.ts';
import { pause } from './retry-pause.ts';
import type { Source } from './source.ts';
import { filterable, type ReceivedMessage, type SqsRecord, sqsRecord } from './sqs-record.ts';

const LONGEST_POLL_MS = 20_000;
const MOST_MESSAGES = 10;

/**
 * Polls a queue and wakes its function: what the function processed is deleted, what it did not comes again
 * after the visibility timeout.
 */
export class SqsSource implements Source {
  readonly activity = new Activity();
  readonly #context: Context;
  readonly #mapping: Mapping;
  readonly #closing: AbortSignal;
  readonly #queueUrl: string;
  readonly #underWay = new Set<Promise<void>>();
  #failures = 0;

  constructor(context: Context, mapping: Mapping, closing: AbortSignal) {
    this.#context = context;
    this.#mapping = mapping;
    this.#closing = closing;
    this.#queueUrl = queueUrl(context, queueNameOf(mapping.sourceArn));
  }

  async run(): Promise<void> {
    while (!this.#closing.aborted) {
      const messages = await this.#gather();
      for (const records of fittingBatches(this.#recordsOf(messages))) {
        const work: Promise<void> = this.activity
          .during(this.#process(records))
          .finally(() => this.#underWay.delete(work));
        this.#underWay.add(work);
        while (this.#underWay.size >= this.#mapping.concurrency) await Promise.race(this.#underWay);
      }
    }
    await Promise.all(this.#underWay);
  }

  /** One batch: as many messages as there are, up to the batch size and within the batching window. */
  async #gather(): Promise<ReceivedMessage[]> {
    const { clock } = this.#context;
    const { batchSize, windowMs } = this.#mapping;
    const messages = await this.activity.resting(this.#receive(batchSize, LONGEST_POLL_MS, this.#closing));
    const until = clock.now() + windowMs;
    while (messages.length > 0 && messages.length < batchSize && !this.#closing.aborted) {
      const left = until - clock.now();
      if (left <= 0) break;
      const over = new AbortController();
      const timer = clock.setTimeout(() => over.abort(), left);
      const signal = AbortSignal.any([over.signal, this.#closing]);
      messages.push(...(await this.#receive(batchSize - messages.length, left, signal)));
      timer.cancel();
    }
    return messages;
  }

  async #receive(most: number, waitMs: number, signal: AbortSignal): Promise<ReceivedMessage[]> {
    try {
      const { Messages } = await this.#context.call(
        this.#mapping.principal,
        'sqs',
        'ReceiveMessage',
        {
          QueueUrl: this.#queueUrl,
          MaxNumberOfMessages: Math.min(MOST_MESSAGES, most),
          WaitTimeSeconds: Math.ceil(Math.min(waitMs, LONGEST_POLL_MS) / 1000),
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        },
        signal,
      );
      this.#failures = 0;
      return (Messages as ReceivedMessage[] | undefined) ?? [];
    } catch (error) {
      if (this.#failures++ === 0) this.#tell('could not be read', error);
      await pause(this.#context.clock, this.#failures, this.#closing);
      return [];
    }
  }

  /** The records that the function wants. What it doesn't want is deleted, as in AWS. */
  #recordsOf(messages: readonly ReceivedMessage[]): SqsRecord[] {
    const { sourceArn, wants } = this.#mapping;
    const records = messages.map((message) => sqsRecord(message, sourceArn, this.#context.region));
    const [wanted, unwanted] = [true, false].map((want) =>
      records.filter((record) => wants(filterable(record)) === want),
    ) as [SqsRecord[], SqsRecord[]];
    if (unwanted.length > 0) void this.activity.during(this.#delete(unwanted));
    return wanted;
  }

  async #process(records: readonly SqsRecord[]): Promise<void> {
    const outcome = await this.#invoke(records);
    if (!outcome.ok) return;
    if (!this.#mapping.reportsFailures) return this.#delete(records);
    const response = readBatchResponse(outcome.payload, new Set(records.map(({ messageId }) => messageId)));
    if (response.kind === 'failed') return;
    await this.#delete(records.filter(({ messageId }) => !response.failures.has(messageId)));
  }

  async #invoke(records: readonly SqsRecord[]): Promise<Pick<Invocation, 'ok'> & { payload?: unknown }> {
    const { sourceArn, functionName } = this.#mapping;
    try {
      return await invokeFunction(this.#context, lambdaPrincipal(sourceArn), {
        FunctionName: functionName,
        Payload: { Records: records },
        TraceHeader: records[0]?.attributes.AWSTraceHeader,
      });
    } catch (error) {
      this.#tell(`could not invoke ${functionName}`, error);
      return { ok: false };
    }
  }

  async #delete(records: readonly SqsRecord[]): Promise<void> {
    for (let from = 0; from < records.length; from += MOST_MESSAGES) {
      const Entries = records
        .slice(from, from + MOST_MESSAGES)
        .map(({ receiptHandle }, at) => ({ Id: String(at), ReceiptHandle: receiptHandle }));
      try {
        const input = { QueueUrl: this.#queueUrl, Entries };
        await this.#context.call(this.#mapping.principal, 'sqs', 'DeleteMessageBatch', input);
      } catch (error) {
        this.#tell('kept messages that were processed', error);
      }
    }
  }

  #tell(what: string, error: unknown): void {
    if (this.#closing.aborted) return;
    const why = error instanceof Error ? error.message : error;
    this.#context.log(`Lambda: ${queueNameOf(this.#mapping.sourceArn)} ${what}: ${why}`);
  }
}
