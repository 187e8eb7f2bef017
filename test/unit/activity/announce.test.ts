import { PublishBatchCommand } from '@aws-sdk/client-sns';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/events/announce-changes.ts';
import { sns } from '../../../lib/aws/sns.ts';
import { newId } from '../../../lib/ids.ts';
import { aPhotoItem } from '../../support/items.ts';

const topic = mockClient(sns);

afterEach(() => topic.reset());

/** A record of the stream: a photo that has become ready, unless told otherwise. */
function aRecord(sequence: number, after: Record<string, unknown> = {}): DynamoDBRecord {
  const before = aPhotoItem({ id: newId(), status: 'processing' });
  const image = (item: Record<string, unknown>) => marshall(item) as never;
  return {
    dynamodb: {
      SequenceNumber: String(sequence),
      ApproximateCreationDateTime: 1_777_000_000,
      OldImage: image(before),
      NewImage: image({ ...before, status: 'ready', version: 2, ...after }),
    },
  };
}

const silent = (sequence: number) => aRecord(sequence, { status: 'processing' });
const unreadable = (sequence: number) => aRecord(sequence, { status: 'from the future' });
const announced = () =>
  topic
    .commandCalls(PublishBatchCommand)
    .flatMap(({ args }) => args[0].input.PublishBatchRequestEntries ?? [])
    .map(({ Message }) => JSON.parse(Message ?? ''));

async function firstToRepeat(Records: DynamoDBRecord[]): Promise<string | undefined> {
  const { batchItemFailures } = await handler({ Records });
  expect(batchItemFailures.length).toBeLessThanOrEqual(1);
  return batchItemFailures[0]?.itemIdentifier;
}

describe('announceChanges', () => {
  it('publishes each fact in order, ten a call, and is done', async () => {
    topic.on(PublishBatchCommand).resolves({});
    const records = Array.from({ length: 25 }, (_, n) => aRecord(n + 1));
    expect(await firstToRepeat(records)).toBeUndefined();
    expect(topic.commandCalls(PublishBatchCommand)).toHaveLength(3);
    const ids = records.map(({ dynamodb }) => `photo/${dynamodb?.NewImage?.id?.S}/2`);
    expect(announced().map(({ id }) => id)).toEqual(ids);
  });

  it('publishes what comes before a record that it cannot read, and asks for the rest again', async () => {
    topic.on(PublishBatchCommand).resolves({});
    expect(await firstToRepeat([aRecord(1), aRecord(2), unreadable(3), aRecord(4)])).toBe('3');
    expect(announced()).toHaveLength(2);
  });

  it('fails where the first record is the bad one, so that the batch is halved and not given up whole', async () => {
    topic.on(PublishBatchCommand).resolves({});
    await expect(handler({ Records: [unreadable(1), aRecord(2)] })).rejects.toThrow();
    expect(announced()).toEqual([]);
  });

  it('goes on after the last fact that was published for certain', async () => {
    topic
      .on(PublishBatchCommand)
      .resolvesOnce({ Failed: [{ Id: '2', Code: 'InternalError', SenderFault: false }] });
    expect(await firstToRepeat([silent(1), aRecord(2), silent(3), aRecord(4), aRecord(5)])).toBe('5');
  });

  it('fails where not even the first fact was published', async () => {
    topic.on(PublishBatchCommand).resolves({ Failed: [{ Id: '0', Code: 'X', SenderFault: true }] });
    await expect(handler({ Records: [aRecord(1), aRecord(2)] })).rejects.toThrow('none of 2');
  });

  it('does not count what nobody needs to hear of as undone', async () => {
    topic.on(PublishBatchCommand).resolves({ Failed: [{ Id: '0', Code: 'X', SenderFault: true }] });
    expect(await firstToRepeat([silent(1), aRecord(2)])).toBe('2');
  });
});
