import type { MessageAttributes } from './message-attributes.ts';
import type { QueueSettings } from './settings.ts';

/** A message as it is kept. Times are milliseconds since the epoch. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly md5: string;
  readonly attributes?: MessageAttributes | undefined;
  /** System attributes that never change: SenderId, AWSTraceHeader, DeadLetterQueueSourceArn, MessageGroupId. */
  readonly system: Readonly<Record<string, string>>;
  readonly sentAt: number;
  /** Before this moment nobody receives it: it is delayed, or in flight. */
  readonly visibleAt: number;
  readonly receives: number;
  readonly firstReceivedAt?: number | undefined;
  /** What tells the last receive's handle from earlier ones; undefined until the first. */
  readonly receipt?: string | undefined;
}

/** The messages of one queue: those ready to be received, and those hidden until their time comes. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly #ready = new Map<string, Message>();
  readonly #hidden = new Map<string, Message>();
  #settings: QueueSettings;
  #changedAt: number;
  #nextChange = Number.POSITIVE_INFINITY;

  constructor(name: string, arn: string, settings: QueueSettings, now: number) {
    this.name = name;
    this.arn = arn;
    this.#settings = settings;
    this.createdAt = now;
    this.#changedAt = now;
  }

  get settings(): QueueSettings {
    return this.#settings;
  }

  /** When the settings were last changed. */
  get changedAt(): number {
    return this.#changedAt;
  }

  change(settings: QueueSettings, now: number): void {
    this.#settings = settings;
    this.#changedAt = now;
    // A shorter retention period may have made any message too old.
    this.#nextChange = now;
  }

  /** When, without anybody's doing, a message next becomes visible or expires; Infinity if never. */
  get nextChange(): number {
    return this.#nextChange;
  }

  /** Adds a message, or puts it in the place of the one with the same id. */
  put(message: Message, now: number): void {
    this.remove(message.id);
    const hidden = message.visibleAt > now;
    (hidden ? this.#hidden : this.#ready).set(message.id, message);
    this.#expect(message, hidden);
  }

  get(id: string): Message | undefined {
    return this.#hidden.get(id) ?? this.#ready.get(id);
  }

  remove(id: string): void {
    if (!this.#hidden.delete(id)) this.#ready.delete(id);
  }

  clear(): void {
    this.#hidden.clear();
    this.#ready.clear();
  }

  /** Lets the moment `now` come: what was hidden until then is ready, what is too old is gone. */
  settle(now: number): void {
    if (now < this.#nextChange) return;
    this.#nextChange = Number.POSITIVE_INFINITY;
    for (const message of this.#ready.values()) {
      if (this.#expiry(message) <= now) this.#ready.delete(message.id);
      else this.#expect(message, false);
    }
    const due: Message[] = [];
    for (const message of this.#hidden.values()) {
      if (this.#expiry(message) <= now) this.#hidden.delete(message.id);
      else if (message.visibleAt <= now) due.push(message);
      else this.#expect(message, true);
    }
    for (const message of due.sort((one, other) => one.visibleAt - other.visibleAt)) this.put(message, now);
  }

  /** The messages that can be received, the next one first. */
  ready(): IterableIterator<Message> {
    return this.#ready.values();
  }

  /** Every message, ready ones first. */
  *messages(): Generator<Message> {
    yield* this.#ready.values();
    yield* this.#hidden.values();
  }

  counts(): { visible: number; inFlight: number; delayed: number } {
    const inFlight = [...this.#hidden.values()].filter((message) => message.receipt !== undefined).length;
    return { visible: this.#ready.size, inFlight, delayed: this.#hidden.size - inFlight };
  }

  #expect(message: Message, hidden: boolean): void {
    const change = hidden ? Math.min(message.visibleAt, this.#expiry(message)) : this.#expiry(message);
    this.#nextChange = Math.min(this.#nextChange, change);
  }

  #expiry(message: Message): number {
    return message.sentAt + this.#settings.MessageRetentionPeriod * 1000;
  }
}
