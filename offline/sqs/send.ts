import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type Call, type Context, type Principal, ServiceError } from '../contract.ts';
import { unusedId } from '../unused-id.ts';
import { batchEntries, eachEntry } from './batches.ts';
import { invalid, read } from './errors.ts';
import {
  checkMessageAttributes,
  md5OfAttributes,
  messageAttributes,
  sizeOfAttributes,
} from './message-attributes.ts';
import type { Message, Queue } from './queue.ts';
import { LARGEST_MESSAGE } from './settings.ts';
import type { QueueStore } from './store.ts';

const message = {
  MessageBody: z.string(),
  DelaySeconds: z.int().min(0).max(900).optional(),
  MessageAttributes: messageAttributes.optional(),
  MessageSystemAttributes: messageAttributes.optional(),
  MessageGroupId: z.string().max(128).optional(),
};
const anyMessage = z.object(message);
const sendMessage = z.object({ QueueUrl: z.string(), ...message });
const sendMessageBatch = z.object({ QueueUrl: z.string(), Entries: batchEntries });

type Sent = z.output<typeof anyMessage>;

/** What a send is part of. */
export interface Sending {
  readonly context: Context;
  readonly store: QueueStore;
  readonly wake: (queue: Queue) => void;
}

/** SendMessage: the message is in the journal before its id is told. */
export function send(call: Call, sending: Sending): Record<string, unknown> {
  const request = read(sendMessage, call.input);
  const queue = sending.store.queue(request.QueueUrl);
  const stored = messageOf(request, queue, call.principal, sending);
  sending.store.commit({ kind: 'put', queue: queue.name, message: stored });
  sending.wake(queue);
  return receiptOf(stored, request);
}

/** SendMessageBatch: ten at most, together no larger than one message may be. */
export function sendBatch(call: Call, sending: Sending): Record<string, unknown> {
  const request = read(sendMessageBatch, call.input);
  const queue = sending.store.queue(request.QueueUrl);
  const bytes = request.Entries.reduce((sum, entry) => sum + roughSizeOf(entry), 0);
  if (bytes > LARGEST_MESSAGE) {
    throw new ServiceError(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${LARGEST_MESSAGE} bytes. You have sent ${bytes} bytes.`,
    );
  }
  const puts: { kind: 'put'; queue: string; message: Message }[] = [];
  const answer = eachEntry(request.Entries, (entry) => {
    const sent = read(anyMessage, entry);
    const stored = messageOf(sent, queue, call.principal, sending);
    puts.push({ kind: 'put', queue: queue.name, message: stored });
    return receiptOf(stored, sent);
  });
  sending.store.commit(...puts);
  sending.wake(queue);
  return answer;
}

function messageOf(sent: Sent, queue: Queue, principal: Principal, { context }: Sending): Message {
  checkBody(sent.MessageBody);
  checkMessageAttributes(sent.MessageAttributes ?? {});
  const bytes = sizeOf(sent);
  const limit = queue.settings.MaximumMessageSize;
  if (bytes > limit) {
    throw invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`);
  }
  const now = context.clock.now();
  return {
    id: unusedId(context.random, (id) => queue.get(id) !== undefined),
    body: sent.MessageBody,
    md5: createHash('md5').update(sent.MessageBody).digest('hex'),
    attributes: sent.MessageAttributes,
    system: systemAttributesOf(sent, principal),
    sentAt: now,
    visibleAt: now + (sent.DelaySeconds ?? queue.settings.DelaySeconds) * 1000,
    receives: 0,
  };
}

function checkBody(body: string): void {
  if (body === '') {
    throw new ServiceError('MissingParameter', 'The request must contain the parameter MessageBody.');
  }
  // Exactly the characters that XML 1.0 can hold.
  if (!/^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u.test(body)) {
    throw new ServiceError(
      'InvalidMessageContents',
      'The message contains characters outside the allowed set.',
    );
  }
}

function systemAttributesOf(sent: Sent, principal: Principal): Record<string, string> {
  const { AWSTraceHeader: trace, ...others } = sent.MessageSystemAttributes ?? {};
  const [unknown] = Object.keys(others);
  if (unknown) {
    throw invalid(`Message system attribute name '${unknown}' is invalid, expected AWSTraceHeader.`);
  }
  return {
    SenderId: principal.kind === 'function' || principal.kind === 'service' ? principal.name : principal.kind,
    ...(trace?.StringValue ? { AWSTraceHeader: trace.StringValue } : {}),
    ...(sent.MessageGroupId ? { MessageGroupId: sent.MessageGroupId } : {}),
  };
}

function receiptOf(stored: Message, sent: Sent): Record<string, unknown> {
  return {
    MessageId: stored.id,
    MD5OfMessageBody: stored.md5,
    MD5OfMessageAttributes: md5OfAttributes(stored.attributes),
    MD5OfMessageSystemAttributes: md5OfAttributes(sent.MessageSystemAttributes),
  };
}

function sizeOf(sent: Sent): number {
  return Buffer.byteLength(sent.MessageBody) + sizeOfAttributes(sent.MessageAttributes);
}

/** The size of an entry that may yet turn out not to be a message. */
function roughSizeOf(entry: Record<string, unknown>): number {
  const parsed = anyMessage.safeParse(entry);
  return parsed.success ? sizeOf(parsed.data) : 0;
}
