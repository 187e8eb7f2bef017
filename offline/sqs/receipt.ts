import { ServiceError } from '../contract.ts';
import type { Message } from './queue.ts';

/** What a receipt handle says; clients must not read it. */
export interface Receipt {
  readonly messageId: string;
  readonly receipt: string;
}

/** The handle of a message's last receive. */
export function handleOf(message: Message): string {
  return Buffer.from(`${message.id} ${message.receipt}`).toString('base64');
}

/** @throws ServiceError ReceiptHandleIsInvalid */
export function parseHandle(handle: string): Receipt {
  const [messageId, receipt, ...rest] = Buffer.from(handle, 'base64').toString('utf8').split(' ');
  if (!messageId || !receipt || rest.length > 0) {
    throw new ServiceError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${handle.slice(0, 100)}" is not a valid receipt handle.`,
    );
  }
  return { messageId, receipt };
}
