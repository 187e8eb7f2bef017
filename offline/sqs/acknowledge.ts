import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { ServiceError } from '../contract.ts';
import { batchEntries, eachEntry } from './batches.ts';
import { invalid, read } from './errors.ts';
import type { Queue } from './queue.ts';
import { parseHandle } from './receipt.ts';
import type { QueueStore } from './store.ts';

type Input = Readonly<Record<string, unknown>>;

const deletion = z.object({ ReceiptHandle: z.string() });
const hiding = deletion.extend({ VisibilityTimeout: z.int().min(0).max(43_200) });
const ofQueue = { QueueUrl: z.string() };
const oneDeletion = deletion.extend(ofQueue);
const oneHiding = hiding.extend(ofQueue);
const batch = z.object({ ...ofQueue, Entries: batchEntries });

/** DeleteMessage. A handle that a later receive has replaced deletes nothing, as in AWS, and says so to nobody. */
export function deleteMessage(input: Input, store: QueueStore): Record<string, unknown> {
  const request = read(oneDeletion, input);
  remove(store.queue(request.QueueUrl), request.ReceiptHandle, store);
  return {};
}

export function deleteMessageBatch(input: Input, store: QueueStore): Record<string, unknown> {
  const request = read(batch, input);
  const queue = store.queue(request.QueueUrl);
  return eachEntry(request.Entries, (entry) => {
    remove(queue, read(deletion, entry).ReceiptHandle, store);
    return {};
  });
}

/** ChangeMessageVisibility: counts from now; 0 makes the message ready at once. */
export function changeVisibility(input: Input, store: QueueStore, clock: Clock): Queue {
  const request = read(oneHiding, input);
  const queue = store.queue(request.QueueUrl);
  hide(queue, request, store, clock);
  return queue;
}

export function changeVisibilityBatch(
  input: Input,
  store: QueueStore,
  clock: Clock,
): { queue: Queue; answer: Record<string, unknown> } {
  const request = read(batch, input);
  const queue = store.queue(request.QueueUrl);
  const answer = eachEntry(request.Entries, (entry) => {
    hide(queue, read(hiding, entry), store, clock);
    return {};
  });
  return { queue, answer };
}

function remove(queue: Queue, handle: string, store: QueueStore): void {
  const { messageId, receipt } = parseHandle(handle);
  if (queue.get(messageId)?.receipt !== receipt) return;
  store.commit({ kind: 'delete', queue: queue.name, id: messageId });
}

function hide(
  queue: Queue,
  request: { ReceiptHandle: string; VisibilityTimeout: number },
  store: QueueStore,
  clock: Clock,
): void {
  const now = clock.now();
  queue.settle(now);
  const { messageId, receipt } = parseHandle(request.ReceiptHandle);
  const message = queue.get(messageId);
  if (message?.receipt !== receipt) {
    throw invalid(
      `Value ${request.ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  }
  if (message.visibleAt <= now) {
    throw new ServiceError('MessageNotInflight', 'The message referred to is not in flight.');
  }
  const visibleAt = now + request.VisibilityTimeout * 1000;
  store.commit({ kind: 'hide', queue: queue.name, id: messageId, visibleAt });
}
