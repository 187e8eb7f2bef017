import type { Message, Queue } from './queue.ts';

/** One redrive of a dead-letter queue. Times are milliseconds since the epoch. */
export interface MoveTask {
  readonly id: string;
  readonly sourceArn: string;
  readonly destinationArn?: string | undefined;
  readonly perSecond?: number | undefined;
  readonly status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
  readonly startedAt: number;
  readonly moved: number;
  readonly toMove: number;
  readonly failure?: string | undefined;
}

/** One change, as the journal keeps it. What is replayed after a restart is what happened before it. */
export type Change =
  | { readonly kind: 'put'; readonly queue: string; readonly message: Message }
  | {
      readonly kind: 'receive';
      readonly queue: string;
      readonly id: string;
      readonly receipt: string;
      readonly at: number;
      readonly visibleAt: number;
      /** What is handed out is a copy: the message itself isn't counted as received. */
      readonly copy?: boolean;
    }
  | { readonly kind: 'hide'; readonly queue: string; readonly id: string; readonly visibleAt: number }
  | { readonly kind: 'delete'; readonly queue: string; readonly id: string }
  | {
      readonly kind: 'move';
      readonly queue: string;
      readonly id: string;
      readonly to: string;
      readonly message: Message;
    }
  | { readonly kind: 'purge'; readonly queue: string }
  | { readonly kind: 'task'; readonly task: MoveTask };

/** Makes a change that is in the journal; live and at replay alike. What it is about may be gone by then. */
export function applyToQueues(
  change: Exclude<Change, { kind: 'task' }>,
  queues: ReadonlyMap<string, Queue>,
  now: number,
): void {
  const queue = queues.get(change.queue);
  if (change.kind === 'put') queue?.put(change.message, now);
  if (change.kind === 'delete' || change.kind === 'move') queue?.remove(change.id);
  if (change.kind === 'move') queues.get(change.to)?.put(change.message, now);
  if (change.kind === 'purge') queue?.clear();
  if (change.kind !== 'receive' && change.kind !== 'hide') return;
  const message = queue?.get(change.id);
  if (message) queue?.put(change.kind === 'hide' ? hidden(message, change) : received(message, change), now);
}

function hidden(message: Message, { visibleAt }: Extract<Change, { kind: 'hide' }>): Message {
  return { ...message, visibleAt };
}

function received(message: Message, change: Extract<Change, { kind: 'receive' }>): Message {
  const { receipt, at, visibleAt } = change;
  const receives = message.receives + (change.copy ? 0 : 1);
  return { ...message, receives, receipt, visibleAt, firstReceivedAt: message.firstReceivedAt ?? at };
}
