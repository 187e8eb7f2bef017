import * as z from 'zod';
import type { Timer } from '../clock.ts';
import { type Context, ServiceError } from '../contract.ts';
import { unusedId } from '../unused-id.ts';
import type { Change, MoveTask } from './changes.ts';
import { invalid, read } from './errors.ts';
import { queueNameOf } from './names.ts';
import type { Message, Queue } from './queue.ts';
import type { QueueStore } from './store.ts';

type Input = Readonly<Record<string, unknown>>;
type Output = Record<string, unknown>;

const startMessageMoveTask = z.object({
  SourceArn: z.string(),
  DestinationArn: z.string().optional(),
  MaxNumberOfMessagesPerSecond: z.int().min(1).max(500).optional(),
});
const listMessageMoveTasks = z.object({
  SourceArn: z.string(),
  MaxResults: z.int().min(1).max(10).default(1),
});
const cancelMessageMoveTask = z.object({ TaskHandle: z.string() });

/** Moves dead letters back to where they came from, or to a queue of one's choice. */
export class MoveTasks {
  readonly #context: Context;
  readonly #store: QueueStore;
  readonly #wake: (queue: Queue) => void;
  readonly #timers = new Set<Timer>();

  constructor(context: Context, store: QueueStore, wake: (queue: Queue) => void) {
    this.#context = context;
    this.#store = store;
    this.#wake = wake;
  }

  /** Goes on with the tasks that a restart interrupted. */
  resume(): void {
    for (const task of this.#store.tasks.values()) if (task.status === 'RUNNING') this.#schedule(task.id, 0);
  }

  start(input: Input): Output {
    const request = read(startMessageMoveTask, input);
    const source = this.#find(request.SourceArn, 'SourceArn');
    if (request.DestinationArn) this.#find(request.DestinationArn, 'DestinationArn');
    if (this.#store.sourcesOf(source).length === 0) {
      throw invalid('Source queue must be configured as a Dead Letter Queue.');
    }
    if (this.#of(source.arn).some((task) => task.status === 'RUNNING')) {
      throw new ServiceError(
        'UnsupportedOperation',
        'There is already a task running. Only one active task is allowed for a source queue at a given time.',
      );
    }
    const now = this.#context.clock.now();
    source.settle(now);
    const task: MoveTask = {
      id: unusedId(this.#context.random, (id) => this.#store.tasks.has(id)),
      sourceArn: source.arn,
      destinationArn: request.DestinationArn,
      perSecond: request.MaxNumberOfMessagesPerSecond,
      status: 'RUNNING',
      startedAt: now,
      moved: 0,
      toMove: source.counts().visible,
    };
    this.#store.commit({ kind: 'task', task });
    this.#schedule(task.id, 0);
    return { TaskHandle: handleOf(task) };
  }

  list(input: Input): Output {
    const request = read(listMessageMoveTasks, input);
    const source = this.#find(request.SourceArn, 'SourceArn');
    return { Results: this.#of(source.arn).slice(0, request.MaxResults).map(shown) };
  }

  cancel(input: Input): Output {
    const { TaskHandle } = read(cancelMessageMoveTask, input);
    const task = [...this.#store.tasks.values()].find((each) => handleOf(each) === TaskHandle);
    if (!task) throw new ServiceError('ResourceNotFoundException', 'Task does not exist.', 404);
    if (task.status !== 'RUNNING') {
      throw new ServiceError(
        'UnsupportedOperation',
        'Only an active message movement task can be cancelled.',
      );
    }
    this.#store.commit({ kind: 'task', task: { ...task, status: 'CANCELLED' } });
    return { ApproximateNumberOfMessagesMoved: task.moved };
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel();
  }

  #schedule(id: string, ms: number): void {
    const timer = this.#context.clock.setTimeout(() => {
      this.#timers.delete(timer);
      this.#step(id);
    }, ms);
    this.#timers.add(timer);
  }

  /** Moves what is ready, as many as one second may see. */
  #step(id: string): void {
    const task = this.#store.tasks.get(id);
    if (task?.status !== 'RUNNING') return;
    const now = this.#context.clock.now();
    const source = this.#store.queue(task.sourceArn);
    source.settle(now);
    const changes: Change[] = [];
    let failure: string | undefined;
    for (const message of source.ready()) {
      if (changes.length === task.perSecond) break;
      const target = task.destinationArn ?? message.system.DeadLetterQueueSourceArn;
      failure = this.#whyNot(target);
      if (failure) break;
      changes.push(this.#moveOf(message, source, target as string, now));
    }
    const done = changes.length < (task.perSecond ?? Number.POSITIVE_INFINITY);
    const status = failure ? 'FAILED' : done ? 'COMPLETED' : 'RUNNING';
    const next: MoveTask = { ...task, moved: task.moved + changes.length, status, failure };
    this.#store.commit(...changes, { kind: 'task', task: next });
    for (const name of new Set(changes.map((change) => (change.kind === 'move' ? change.to : '')))) {
      this.#wake(this.#store.queue(name));
    }
    if (status === 'RUNNING') this.#schedule(id, 1000);
  }

  #whyNot(target: string | undefined): string | undefined {
    if (target === undefined) return 'CouldNotDetermineMessageSource';
    const exists = [...this.#store.queues].some((queue) => queue.arn === target);
    return exists ? undefined : 'AWS.SimpleQueueService.NonExistentQueue';
  }

  /** A redriven message is a new one: its id, its age and its receives begin anew. */
  #moveOf(message: Message, source: Queue, target: string, now: number): Change {
    const to = this.#store.queue(target);
    const { DeadLetterQueueSourceArn: _, ...system } = message.system;
    const { body, md5, attributes } = message;
    const id = unusedId(this.#context.random, (each) => to.get(each) !== undefined);
    return {
      kind: 'move',
      queue: source.name,
      id: message.id,
      to: to.name,
      message: { id, body, md5, attributes, system, sentAt: now, visibleAt: now, receives: 0 },
    };
  }

  #of(sourceArn: string): MoveTask[] {
    return [...this.#store.tasks.values()].filter((task) => task.sourceArn === sourceArn).reverse();
  }

  #find(arn: string, parameter: string): Queue {
    const queue = [...this.#store.queues].find((each) => each.arn === arn);
    if (queue) return queue;
    const message = `The resource that you specified for the ${parameter} parameter doesn't exist.`;
    throw new ServiceError('ResourceNotFoundException', message, 404);
  }
}

function handleOf(task: MoveTask): string {
  return Buffer.from(JSON.stringify({ taskId: task.id, sourceArn: task.sourceArn })).toString('base64');
}

/** The name of the queue that a task handle is about, for the permission stage. */
export function sourceOfHandle(handle: unknown): string {
  try {
    return queueNameOf(JSON.parse(Buffer.from(String(handle), 'base64').toString('utf8')).sourceArn);
  } catch {
    throw invalid('The TaskHandle is not one that StartMessageMoveTask gave.');
  }
}

function shown(task: MoveTask): Output {
  return {
    ...(task.status === 'RUNNING' ? { TaskHandle: handleOf(task) } : {}),
    Status: task.status,
    SourceArn: task.sourceArn,
    DestinationArn: task.destinationArn,
    MaxNumberOfMessagesPerSecond: task.perSecond,
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    FailureReason: task.failure,
    StartedTimestamp: Math.floor(task.startedAt),
  };
}
