import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { PutCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dynamodb } from '../../../lib/aws/dynamodb.ts';
import { correlated } from '../../../lib/correlation.ts';
import { logger } from '../../../lib/observe.ts';
import { absent, is } from '../../../lib/table/condition.ts';
import { ConditionFailed, put, transact, update } from '../../../lib/table/write.ts';

const table = mockClient(dynamodb);
const metadata = { message: 'no', $metadata: {} };
const key = { pk: 'THING#1', sk: 'THING' };
const now = new Date('2026-05-01T10:00:00.000Z');

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
});

afterEach(() => {
  table.reset();
  vi.restoreAllMocks();
});

const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({ ...metadata, CancellationReasons: codes.map((Code) => ({ Code })) });

describe('update', () => {
  it('sets and removes attributes, raises the version and says who wrote', async () => {
    table.on(UpdateCommand).resolves({ Attributes: { ...key, version: 4 } });
    const who = { correlationId: 'request-1', actorId: 'ana' };
    const written = await correlated(who, () =>
      update(key, { size: 3, size_of: undefined }, is('size', 2), now),
    );
    expect(written).toEqual({ ...key, version: 4 });
    expect(table.commandCalls(UpdateCommand)[0]?.args[0].input).toEqual({
      TableName: 'afterparty-test-table',
      Key: key,
      UpdateExpression:
        'SET #size = :size, #correlationId = :correlationId, #actorId = :actorId, #updatedAt = :updatedAt' +
        ' REMOVE #size_of ADD #version :version',
      ConditionExpression: '#if_size IN (:if_size_0)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ReturnValues: 'ALL_NEW',
      ExpressionAttributeNames: {
        '#size': 'size',
        '#size_of': 'size_of',
        '#correlationId': 'correlationId',
        '#actorId': 'actorId',
        '#updatedAt': 'updatedAt',
        '#version': 'version',
        '#if_size': 'size',
      },
      ExpressionAttributeValues: {
        ':size': 3,
        ':correlationId': 'request-1',
        ':actorId': 'ana',
        ':updatedAt': now.toISOString(),
        ':version': 1,
        ':if_size_0': 2,
      },
    });
  });
});

describe('a condition that does not hold', () => {
  const gps = { latitude: { N: '47.1' } };
  const refused = new ConditionalCheckFailedException({
    ...metadata,
    Item: { pk: { S: 'THING#1' }, version: { N: '7' }, gps: { M: gps } },
  });

  it('tells what stood there as the item it is', async () => {
    table.on(PutCommand).rejects(refused);
    await expect(put(key, absent())).rejects.toMatchObject({
      name: 'ConditionFailed',
      index: 0,
      item: { pk: 'THING#1', version: 7, gps: { latitude: 47.1 } },
    });
  });

  it('tells which write of a transaction it was, and what stood there', async () => {
    const reasons = [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Item: { pk: { S: 'THING#2' } } }];
    table
      .on(TransactWriteCommand)
      .rejects(new TransactionCanceledException({ ...metadata, CancellationReasons: reasons }));
    await expect(transact([{ put: key }, { delete: key, when: absent() }])).rejects.toMatchObject({
      name: 'ConditionFailed',
      index: 1,
      item: { pk: 'THING#2' },
    });
  });

  it('shows nothing of the item in a log', async () => {
    table.on(PutCommand).rejects(refused);
    const lines: string[] = [];
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    }
    const error = await put(key, absent()).catch((thrown: unknown) => thrown);
    logger.error('unexpected', { error: error as Error });
    expect(error).toBeInstanceOf(ConditionFailed);
    expect(lines.join('\n')).toContain('ConditionFailed');
    expect(lines.join('\n')).not.toContain('47.1');
  });
});

describe('a write that meets another transaction', () => {
  it('is tried again', async () => {
    table
      .on(TransactWriteCommand)
      .rejectsOnce(cancelled('None', 'TransactionConflict'))
      .rejectsOnce(cancelled('ThrottlingError'))
      .resolves({});
    await transact([{ put: key }]);
    expect(table.commandCalls(TransactWriteCommand)).toHaveLength(3);
    table.on(PutCommand).rejectsOnce(new TransactionConflictException(metadata)).resolves({});
    await put(key);
    expect(table.commandCalls(PutCommand)).toHaveLength(2);
  });

  it('is told of where that does not end', async () => {
    table.on(TransactWriteCommand).rejects(cancelled('TransactionConflict'));
    await expect(transact([{ put: key }])).rejects.toBeInstanceOf(TransactionCanceledException);
    expect(table.commandCalls(TransactWriteCommand).length).toBeLessThan(20);
  });

  it('is not tried again for another reason', async () => {
    table.on(TransactWriteCommand).rejects(cancelled('ItemCollectionSizeLimitExceeded'));
    await expect(transact([{ put: key }])).rejects.toBeInstanceOf(TransactionCanceledException);
    expect(table.commandCalls(TransactWriteCommand)).toHaveLength(1);
  });
});
