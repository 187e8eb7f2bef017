import * as z from 'zod';
import type { Timer } from '../clock.ts';
import type { Context, Weakness } from '../contract.ts';
import type { Change } from './changes.ts';
import { read } from './errors.ts';
import { md5OfAttributes, selectAttributes } from './message-attributes.ts';
import { queueNameOf } from './names.ts';
import type { Message, Queue } from './queue.ts';
import { handleOf } from './receipt.ts';
import type { QueueStore } from './store.ts';

const receiveMessage = z.object({
  QueueUrl: z.string(),
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  VisibilityTimeout: z.int().min(0).max(43_200).optional(),
  WaitTimeSeconds: z.int().min(0).max(20).optional(),
  AttributeNames: z.array(z.string()).default([]),
  MessageSystemAttributeNames: z.array(z.string()).default([]),
  MessageAttributeNames: z.array(z.string()).default([]),
});

type Request = z.output<typeof receiveMessage>;

/** A long poll that waits for messages. */
interface Poll {
  readonly request: Request;
  readonly weakness: Weakness;
  readonly finish: (messages: Message[]) => void;
}

/** Hands messages out: at once, or to those who wait as soon as there are any. */
export class Receiver {
  readonly #context: Context;
  readonly #store: QueueStore;
  readonly #polls = new Map<Queue, Set<Poll>>();
  readonly #timers = new Map<Queue, Timer>();

  constructor(context: Context, store: QueueStore) {
    this.#context = context;
    this.#store = store;
  }

  /** ReceiveMessage. Aborting `signal` ends a long poll without taking anything. */
  async receive(
    input: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    weakness: Weakness = {},
  ): Promise<Record<string, unknown>> {
    const request = read(receiveMessage, input);
    const queue = this.#store.queue(request.QueueUrl);
    const seconds = request.WaitTimeSeconds ?? queue.settings.ReceiveMessageWaitTimeSeconds;
    const ready = signal.aborted ? [] : this.#take(queue, request, weakness);
    const messages =
      ready.length > 0 ? ready : await this.#poll(queue, { request, weakness }, seconds * 1000, signal);
    return messages.length === 0 ? {} : { Messages: messages.map((message) => shown(message, request)) };
  }

  /** To be called whenever messages may have become ready. */
  wake(queue: Queue): void {
    for (const poll of this.#polls.get(queue) ?? []) {
      const messages = this.#take(queue, poll.request, poll.weakness);
      if (messages.length === 0) break;
      poll.finish(messages);
    }
    this.#arm(queue);
  }

  /** Ends every long poll without messages. */
  close(): void {
    for (const polls of this.#polls.values()) for (const poll of polls) poll.finish([]);
  }

  #poll(
    queue: Queue,
    asked: Pick<Poll, 'request' | 'weakness'>,
    ms: number,
    signal: AbortSignal,
  ): Promise<Message[]> {
    if (ms === 0 || signal.aborted) return Promise.resolve([]);
    return new Promise((resolve) => {
      const polls = this.#polls.get(queue) ?? new Set();
      this.#polls.set(queue, polls);
      const finish = (messages: Message[]) => {
        polls.delete(poll);
        deadline.cancel();
        signal.removeEventListener('abort', giveUp);
        this.#arm(queue);
        resolve(messages);
      };
      const giveUp = () => finish([]);
      const poll: Poll = { ...asked, finish };
      const deadline = this.#context.clock.setTimeout(giveUp, ms);
      signal.addEventListener('abort', giveUp, { once: true });
      polls.add(poll);
      this.#arm(queue);
    });
  }

  /** Sets the alarm for the moment when the queue changes by itself, if anybody waits for that. */
  #arm(queue: Queue): void {
    this.#timers.get(queue)?.cancel();
    this.#timers.delete(queue);
    if (!this.#polls.get(queue)?.size || queue.nextChange === Number.POSITIVE_INFINITY) return;
    const ms = queue.nextChange - this.#context.clock.now();
    this.#timers.set(
      queue,
      this.#context.clock.setTimeout(() => this.wake(queue), ms),
    );
  }

  /** Receives what is ready; what was received too often goes to the dead-letter queue instead. */
  #take(queue: Queue, request: Request, { unordered, redelivered }: Weakness): Message[] {
    const now = this.#context.clock.now();
    queue.settle(now);
    const seconds = request.VisibilityTimeout ?? queue.settings.VisibilityTimeout;
    const visibleAt = redelivered ? now : now + seconds * 1000;
    const redrive = queue.settings.RedrivePolicy;
    const taken: string[] = [];
    const changes: Change[] = [];
    for (const message of unordered ? this.#shuffled(queue.ready()) : queue.ready()) {
      if (taken.length === request.MaxNumberOfMessages) break;
      if (redrive && message.receives >= redrive.maxReceiveCount) {
        changes.push(deadLetter(queue, redrive.deadLetterTargetArn, message, now));
        continue;
      }
      taken.push(message.id);
      const receipt = this.#context.random.hex(16);
      const received = { queue: queue.name, id: message.id, receipt, at: now, visibleAt };
      changes.push({ kind: 'receive', ...received, ...(redelivered && { copy: true }) });
    }
    if (changes.length === 0) return [];
    this.#store.commit(...changes);
    if (redrive && changes.length > taken.length) this.wake(this.#store.queue(redrive.deadLetterTargetArn));
    return taken.map((id) => queue.get(id) as Message);
  }

  /** Fisher and Yates's shuffle. */
  #shuffled(messages: Iterable<Message>): Message[] {
    const shuffled = [...messages];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.#context.random.integer(last + 1);
      [shuffled[last], shuffled[other]] = [shuffled[other] as Message, shuffled[last] as Message];
    }
    return shuffled;
  }
}

/** A dead letter keeps its id and its age; its receives are counted anew. */
function deadLetter(queue: Queue, targetArn: string, message: Message, now: number): Change {
  const { id, body, md5, attributes, sentAt } = message;
  const system = { ...message.system, DeadLetterQueueSourceArn: queue.arn };
  return {
    kind: 'move',
    queue: queue.name,
    id,
    to: queueNameOf(targetArn),
    message: { id, body, md5, attributes, system, sentAt, visibleAt: now, receives: 0 },
  };
}

function shown(message: Message, request: Request): Record<string, unknown> {
  const system: Record<string, string> = {
    ...message.system,
    SentTimestamp: String(Math.floor(message.sentAt)),
    ApproximateReceiveCount: String(Math.max(1, message.receives)),
    ApproximateFirstReceiveTimestamp: String(Math.floor(message.firstReceivedAt as number)),
  };
  const wanted = [...request.AttributeNames, ...request.MessageSystemAttributeNames];
  const names = Object.keys(system).filter((name) => wanted.includes('All') || wanted.includes(name));
  const attributes = selectAttributes(message.attributes, request.MessageAttributeNames);
  const hasAttributes = Object.keys(attributes).length > 0;
  return {
    MessageId: message.id,
    ReceiptHandle: handleOf(message),
    MD5OfBody: message.md5,
    Body: message.body,
    ...(names.length > 0
      ? { Attributes: Object.fromEntries(names.map((name) => [name, system[name]])) }
      : {}),
    ...(hasAttributes
      ? { MessageAttributes: attributes, MD5OfMessageAttributes: md5OfAttributes(attributes) }
      : {}),
  };
}
