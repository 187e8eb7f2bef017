import { Activity, type Background } from '../activity.ts';
import type { Timer } from '../clock.ts';
import {
  type Answer,
  type Call,
  type Context,
  type Engine,
  type Need,
  ServiceError,
  type Stack,
} from '../contract.ts';
import { StreamBuffer } from './buffer.ts';
import { Delivery } from './delivery.ts';
import * as inputs from './input.ts';
import { type DeliveryStream, deliveryStreamsOf } from './settings.ts';
import { Store } from './store.ts';
import { describedStream } from './views.ts';

type Input = Readonly<Record<string, unknown>>;
type Output = Record<string, unknown>;

/** What waits in a stream, and how many objects of it are not written yet. */
export interface StreamReport {
  readonly name: string;
  readonly buffered: { readonly records: number; readonly bytes: number };
  readonly owedObjects: number;
}

/** Firehose: the stack's delivery streams, from the API into their buckets. */
export interface FirehoseEngine extends Engine, Background {
  streams(): StreamReport[];
  /** Delivers what waits without waiting any longer; resolves once everything under way is done. */
  flush(): Promise<void>;
}

/** API Reference, PutRecordBatch: 4 MiB a request, before base64. */
const LARGEST_BATCH = 4 * 1024 * 1024;

/**
 * What PutRecord and PutRecordBatch answer is in a journal and is delivered even over a restart.
 * @throws Error naming the delivery stream, and what of it would behave otherwise here than on AWS
 */
export function createFirehoseEngine(context: Context, stack: Stack): FirehoseEngine {
  return new Firehose(context, deliveryStreamsOf(stack));
}

interface Line {
  readonly stream: DeliveryStream;
  readonly buffer: StreamBuffer;
}

class Firehose implements FirehoseEngine {
  readonly service = 'firehose';
  readonly #context: Context;
  readonly #lines: ReadonlyMap<string, Line>;
  readonly #store: Store;
  readonly #activity = new Activity();
  readonly #delivery: Delivery;
  readonly #start: Timer;
  #started = false;
  #closed = false;
  readonly #operations: Readonly<Record<string, (input: Input) => Output>> = {
    PutRecord: (input) => this.#put(input),
    PutRecordBatch: (input) => this.#putBatch(input),
    DescribeDeliveryStream: (input) => this.#describe(input),
    ListDeliveryStreams: (input) => this.#list(input),
  };

  constructor(context: Context, streams: readonly DeliveryStream[]) {
    this.#context = context;
    this.#store = new Store(
      context,
      streams.map(({ name }) => name),
    );
    this.#delivery = new Delivery(context, this.#store, this.#activity);
    this.#lines = new Map(
      streams.map((stream) => {
        const deliver = this.#delivery.deliver.bind(this.#delivery, stream);
        return [stream.name, { stream, buffer: new StreamBuffer(stream, context.clock, deliver) }];
      }),
    );
    // The services that deliveries call are not all there yet.
    this.#activity.begin();
    this.#start = context.clock.setTimeout(() => this.#goOn(), 0);
  }

  get busy(): boolean {
    return this.#activity.busy;
  }

  idle(): Promise<void> {
    return this.#activity.idle();
  }

  needs({ operation, input }: Call): Need[] {
    const { region, account } = this.#context;
    const name = input.DeliveryStreamName;
    const resource =
      operation === 'ListDeliveryStreams'
        ? '*'
        : `arn:aws:firehose:${region}:${account}:deliverystream/${name}`;
    return [{ action: `firehose:${operation}`, resource }];
  }

  async handle({ operation, input }: Call): Promise<Answer> {
    const run = Object.hasOwn(this.#operations, operation) ? this.#operations[operation] : undefined;
    if (!run) {
      const known = Object.keys(this.#operations).join(', ');
      throw new ServiceError(
        'UnknownOperationException',
        `The local Firehose has no ${operation}; it has ${known}.`,
      );
    }
    if (this.#closed) throw new ServiceError('ServiceUnavailableException', 'The stack is stopping.', 503);
    return { output: run(input) };
  }

  streams(): StreamReport[] {
    return [...this.#lines.values()].map(({ stream: { name }, buffer }) => ({
      name,
      buffered: buffer.size,
      owedObjects: this.#store.owed(name).length,
    }));
  }

  async flush(): Promise<void> {
    for (const { buffer } of this.#lines.values()) buffer.flush();
    await this.idle();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#start.cancel();
    for (const { buffer } of this.#lines.values()) buffer.stop();
    this.#delivery.close();
    if (!this.#started) this.#activity.end();
    await this.idle();
    this.#store.close();
  }

  /** Begins with what the last run left. */
  #goOn(): void {
    this.#started = true;
    for (const { stream, buffer } of this.#lines.values()) {
      for (const object of this.#store.owed(stream.name)) this.#delivery.write(stream, object);
      buffer.add(this.#store.records(stream.name));
    }
    this.#activity.end();
  }

  #put(input: Input): Output {
    const { DeliveryStreamName, Record } = inputs.read(inputs.putRecord, input);
    const [RecordId] = this.#accept(DeliveryStreamName, [Record.Data]);
    return { RecordId, Encrypted: false };
  }

  #putBatch(input: Input): Output {
    const { DeliveryStreamName, Records } = inputs.read(inputs.putRecordBatch, input);
    const ids = this.#accept(
      DeliveryStreamName,
      Records.map(({ Data }) => Data),
    );
    return { FailedPutCount: 0, Encrypted: false, RequestResponses: ids.map((RecordId) => ({ RecordId })) };
  }

  /** All of them or none. */
  #accept(name: string, data: readonly string[]): string[] {
    for (const each of data) inputs.checkBase64(each);
    const { buffer } = this.#line(name);
    const bytes = data.reduce((sum, each) => sum + Buffer.byteLength(each, 'base64'), 0);
    if (bytes > LARGEST_BATCH) {
      throw new ServiceError('InvalidArgumentException', 'Records size exceeds 4 MB limit');
    }
    const records = this.#store.accept(name, Math.floor(this.#context.clock.now()), data);
    if (this.#started) buffer.add(records);
    return records.map(({ id }) => String(id));
  }

  #describe(input: Input): Output {
    const { DeliveryStreamName } = inputs.read(inputs.ofStream, input);
    return { DeliveryStreamDescription: describedStream(this.#line(DeliveryStreamName).stream) };
  }

  #list(input: Input): Output {
    const asked = inputs.read(inputs.listDeliveryStreams, input);
    const { Limit, DeliveryStreamType = 'DirectPut', ExclusiveStartDeliveryStreamName: after = '' } = asked;
    const names = DeliveryStreamType === 'DirectPut' ? [...this.#lines.keys()].sort() : [];
    const left = names.filter((name) => name > after);
    return { DeliveryStreamNames: left.slice(0, Limit), HasMoreDeliveryStreams: left.length > Limit };
  }

  #line(name: string): Line {
    const line = this.#lines.get(name);
    if (line) return line;
    throw new ServiceError(
      'ResourceNotFoundException',
      `Firehose ${name} under account ${this.#context.account} not found.`,
    );
  }
}
