import {
  type AttributeValue,
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { backOff } from '../aws/back-off.ts';
import { dynamodb } from '../aws/dynamodb.ts';
import { correlation } from '../correlation.ts';
import { env } from '../env.ts';
import type { Condition } from './condition.ts';
import type { Key } from './keys.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** Times that a write is tried which meets a transaction on the same item: nobody holds one for long. */
const ATTEMPTS = 8;

/**
 * A condition of a write did not hold. `index` is the write's place in a transaction, 0 for a single write;
 * `item` is what stood there instead, where there was anything.
 */
export class ConditionFailed extends Error {
  override readonly name = 'ConditionFailed';
  readonly index: number;
  readonly item: Attributes | undefined;

  /** @param image the item as the exception carries it: the document client leaves errors as they come */
  constructor(index: number, image: Record<string, AttributeValue> | undefined) {
    super(`The condition of write ${index} did not hold`);
    this.index = index;
    this.item = image && unmarshall(image);
    // Logs show an error's enumerable properties, and items say where photos were taken.
    Object.defineProperty(this, 'item', { enumerable: false });
  }
}

/** Whether the write was carried out; false where its condition did not hold. */
export async function unlessRefused(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return false;
  }
}

export interface Put {
  readonly put: Key & Attributes;
  readonly when?: Condition;
}

export interface Update {
  readonly update: Key;
  /** Attributes to set; an undefined value removes the attribute. */
  readonly set: Attributes;
  /** Numbers to add to attributes, which begin at 0. */
  readonly add?: Readonly<Record<string, number>>;
  /** Keeps nothing of whose doing it was: who counted last is nobody's business. */
  readonly isAnonymous?: true;
  readonly when?: Condition;
}

export interface Delete {
  readonly delete: Key;
  readonly when?: Condition;
}

/** Writes nothing; the item must fulfil the condition for the rest of the transaction to be written. */
export interface Check {
  readonly check: Key;
  readonly when: Condition;
}

/** Writes a new item as version 1; an older one at the same key is replaced unless `when` forbids it. */
export async function put(item: Key & Attributes, when?: Condition, now = new Date()): Promise<void> {
  await written(() => dynamodb.send(new PutCommand(putInput({ put: item, ...optional(when) }, now))));
}

/** Changes an item, raises its version, and returns it as it is now. Creates it unless `when` forbids. */
export async function update(
  key: Key,
  set: Attributes,
  when?: Condition,
  now = new Date(),
): Promise<Attributes> {
  const input = updateInput({ update: key, set, ...optional(when) }, now);
  const { Attributes: item } = await written(() =>
    dynamodb.send(new UpdateCommand({ ...input, ReturnValues: 'ALL_NEW' })),
  );
  return item ?? {};
}

/** Removes an item; removing what is not there succeeds unless `when` forbids. */
export async function remove(key: Key, when?: Condition): Promise<void> {
  await written(() => dynamodb.send(new DeleteCommand(deleteInput({ delete: key, ...optional(when) }))));
}

/**
 * All of the writes or none. Throws ConditionFailed with the index of the first condition that did not hold.
 */
export async function transact(
  writes: readonly (Put | Update | Delete | Check)[],
  now = new Date(),
): Promise<void> {
  const items = writes.map((write) => {
    if ('put' in write) return { Put: putInput(write, now) };
    if ('update' in write) return { Update: updateInput(write, now) };
    if ('check' in write) return { ConditionCheck: checkInput(write) };
    return { Delete: deleteInput(write) };
  });
  await written(() => dynamodb.send(new TransactWriteCommand({ TransactItems: items })));
}

/** Sends a write; again after a pause where another transaction was at the same item, as the SDK does not. */
async function written<Output>(send: () => Promise<Output>): Promise<Output> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      const failed = conditionFailedIn(error);
      if (failed) throw failed;
      if (attempt === ATTEMPTS || !isConflict(error)) throw error;
      await backOff(attempt);
    }
  }
}

function conditionFailedIn(error: unknown): ConditionFailed | undefined {
  if (error instanceof ConditionalCheckFailedException) return new ConditionFailed(0, error.Item);
  const reasons = reasonsOf(error);
  const index = reasons.findIndex((reason) => reason.Code === 'ConditionalCheckFailed');
  return index < 0 ? undefined : new ConditionFailed(index, reasons[index]?.Item);
}

function isConflict(error: unknown): boolean {
  const passing = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];
  return (
    error instanceof TransactionConflictException ||
    reasonsOf(error).some(({ Code }) => passing.includes(Code ?? ''))
  );
}

function reasonsOf(error: unknown) {
  return error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
}

function putInput({ put: item, when }: Put, now: Date) {
  return {
    TableName: env.TABLE_NAME,
    Item: stamped(item, now),
    ...conditionInput(when),
  };
}

/** A new item with what every item carries: its first version, when it was written, and on whose behalf. */
export function stamped<Stored extends Attributes>(item: Stored, now: Date) {
  return { ...item, ...correlation(), version: 1, updatedAt: now.toISOString() };
}

function updateInput({ update: key, set, add = {}, isAnonymous, when }: Update, now: Date) {
  const changes: [string, unknown][] = Object.entries({
    ...set,
    ...(isAnonymous ? { correlationId: undefined, actorId: undefined } : correlation()),
    updatedAt: now.toISOString(),
  });
  const assigned = changes.filter(([, value]) => value !== undefined);
  const removed = changes.filter(([, value]) => value === undefined);
  const assignments = assigned.map(([name]) => `#${name} = :${name}`).join(', ');
  const added: [string, unknown][] = Object.entries({ version: 1, ...add });
  const additions = added.map(([name]) => `#${name} :${name}`).join(', ');
  const removals = removed.length > 0 ? ` REMOVE ${removed.map(([name]) => `#${name}`).join(', ')}` : '';
  return {
    TableName: env.TABLE_NAME,
    Key: key,
    UpdateExpression: `SET ${assignments}${removals} ADD ${additions}`,
    ...conditionInput(
      when,
      Object.fromEntries([...changes, ...added].map(([name]) => [`#${name}`, name])),
      Object.fromEntries([...assigned, ...added].map(([name, value]) => [`:${name}`, value])),
    ),
  };
}

function deleteInput({ delete: key, when }: Delete) {
  return { TableName: env.TABLE_NAME, Key: key, ...conditionInput(when) };
}

function checkInput({ check: key, when }: Check) {
  const input = conditionInput(when);
  return { TableName: env.TABLE_NAME, Key: key, ...input, ConditionExpression: when.expression };
}

function conditionInput(when: Condition | undefined, names: Attributes = {}, values: Attributes = {}) {
  const allNames = { ...names, ...when?.names } as Record<string, string>;
  const allValues = { ...values, ...when?.values };
  return {
    ...(when && {
      ConditionExpression: when.expression,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    }),
    ...(Object.keys(allNames).length > 0 && { ExpressionAttributeNames: allNames }),
    ...(Object.keys(allValues).length > 0 && { ExpressionAttributeValues: allValues }),
  };
}

function optional(when: Condition | undefined): { when?: Condition } {
  return when ? { when } : {};
}
