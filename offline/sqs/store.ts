import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Context, Stack } from '../contract.ts';
import { Journal } from '../journal.ts';
import { applyToQueues, type Change, type MoveTask } from './changes.ts';
import { queueDoesNotExist } from './errors.ts';
import { queueArn, queueNameOf } from './names.ts';
import { Queue } from './queue.ts';
import { settingsOf } from './settings.ts';

/** How many lines the journal may grow by before it is written anew with what is left. */
const LINES_BEFORE_REWRITE = 20_000;

/** The queues of the stack and their messages. Every change is in the journal before it is made. */
export class QueueStore {
  readonly #clock: Clock;
  readonly #queues: ReadonlyMap<string, Queue>;
  readonly #tasks = new Map<string, MoveTask>();
  readonly #journal: Journal<Change>;
  readonly #strays = new Set<string>();
  #lines = 0;

  /** @throws Error where a queue's properties can't be kept */
  constructor(context: Context, stack: Stack) {
    this.#clock = context.clock;
    this.#queues = provision(context, stack);
    this.#journal = Journal.open<Change>(join(context.stateDir, 'sqs.jsonl'), (change) =>
      this.#replay(change),
    );
    this.#rewrite();
    if (this.#strays.size > 0) {
      context.log(`SQS: forgot the messages of queues that are gone: ${[...this.#strays].join(', ')}`);
    }
  }

  get queues(): Iterable<Queue> {
    return this.#queues.values();
  }

  get tasks(): ReadonlyMap<string, MoveTask> {
    return this.#tasks;
  }

  /** @throws ServiceError QueueDoesNotExist */
  queue(urlOrArn: string): Queue {
    const queue = this.#queues.get(queueNameOf(urlOrArn));
    if (!queue) throw queueDoesNotExist();
    return queue;
  }

  /** The queues whose messages end in `deadLetters` after too many receives. */
  sourcesOf(deadLetters: Queue): Queue[] {
    return [...this.queues].filter(
      (queue) => queue.settings.RedrivePolicy?.deadLetterTargetArn === deadLetters.arn,
    );
  }

  /** Writes the changes down, then makes them. */
  commit(...changes: Change[]): void {
    this.#journal.append(...changes);
    for (const change of changes) this.#apply(change);
    this.#lines += changes.length;
    if (this.#lines > LINES_BEFORE_REWRITE) this.#rewrite();
  }

  close(): void {
    this.#journal.close();
  }

  #replay(change: Change): void {
    this.#apply(change);
    const names = [
      ...(change.kind === 'task' ? [] : [change.queue]),
      ...(change.kind === 'move' ? [change.to] : []),
    ];
    for (const name of names) if (!this.#queues.has(name)) this.#strays.add(name);
  }

  #apply(change: Change): void {
    if (change.kind === 'task') this.#tasks.set(change.task.id, change.task);
    else applyToQueues(change, this.#queues, this.#clock.now());
  }

  #rewrite(): void {
    this.#journal.rewrite(this.#snapshot());
    this.#lines = 0;
  }

  *#snapshot(): Generator<Change> {
    for (const task of this.#tasks.values()) yield { kind: 'task', task };
    for (const queue of this.#queues.values()) {
      queue.settle(this.#clock.now());
      for (const message of queue.messages()) yield { kind: 'put', queue: queue.name, message };
    }
  }
}

function provision(context: Context, stack: Stack): Map<string, Queue> {
  const queues = new Map<string, Queue>();
  for (const { type, name, logicalId, properties } of stack.resources) {
    if (type !== 'AWS::SQS::Queue') continue;
    const settings = settingsOf(logicalId, properties);
    queues.set(name, new Queue(name, queueArn(context, name), settings, context.clock.now()));
  }
  for (const queue of queues.values()) checkRedrive(queue, queues);
  return queues;
}

function checkRedrive(queue: Queue, queues: ReadonlyMap<string, Queue>): void {
  const target = queue.settings.RedrivePolicy?.deadLetterTargetArn;
  if (!target) return;
  const deadLetters = queues.get(queueNameOf(target));
  if (!deadLetters)
    throw new Error(`Queue ${queue.name}: its dead-letter queue ${target} is not in the stack.`);
  if (!allowsRedrive(deadLetters, queue)) {
    throw new Error(`Queue ${queue.name}: the RedriveAllowPolicy of ${target} does not allow it.`);
  }
}

/** Whether `deadLetters` takes the dead letters of `source`. */
export function allowsRedrive(deadLetters: Queue, source: Queue): boolean {
  const policy = deadLetters.settings.RedriveAllowPolicy;
  if (policy?.redrivePermission === 'denyAll') return false;
  if (policy?.redrivePermission === 'byQueue') return policy.sourceQueueArns?.includes(source.arn) ?? false;
  return true;
}
