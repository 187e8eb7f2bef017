import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { handler } from '../../../functions/events/shape-clicks.ts';
import type { InteractionRecord } from '../../../lib/clicks/click.ts';
import { deliver, packedLines } from '../../../lib/clicks/deliver.ts';
import { shaped } from '../../../lib/clicks/shape.ts';
import { tagsSchema } from '../../../lib/photos/photo.ts';

const firehose = mockClient(FirehoseClient);
beforeEach(() => firehose.reset());

const record = (id: number): InteractionRecord => ({
  kind: 'interaction',
  id: String(id).padStart(22, '0'),
  person: 'p'.repeat(22),
  session: 's'.repeat(22),
  type: 'view',
  photoId: '01J9ZK3T5R8Q2W4X6Y7A9BCDEF',
  at: 1_700_000_000_000,
  receivedAt: 1_700_000_000_000,
});
const incoming = (text: string | Buffer, recordId = 'r') => ({
  recordId,
  approximateArrivalTimestamp: 0,
  data: Buffer.from(text).toString('base64'),
});
const textOf = (data: string) => Buffer.from(data, 'base64').toString();

test('lines are packed whole, in their order, into records of 5 KB at most', () => {
  fc.assert(
    fc.property(fc.nat(300), (count) => {
      const records = Array.from({ length: count }, (_, index) => record(index));
      const packed = packedLines(records);
      expect(Buffer.concat(packed).toString()).toBe(
        records.map((one) => `${JSON.stringify(one)}\n`).join(''),
      );
      for (const each of packed) expect(each.length).toBeLessThanOrEqual(5_120);
    }),
  );
});

test('only the records that Firehose did not take are sent again', async () => {
  firehose
    .on(PutRecordBatchCommand)
    .resolvesOnce({
      FailedPutCount: 1,
      RequestResponses: [{ RecordId: 'a' }, { ErrorCode: 'ServiceUnavailableException' }, { RecordId: 'c' }],
    })
    .resolves({ FailedPutCount: 0, RequestResponses: [{ RecordId: 'b' }] });
  const records = Array.from({ length: 50 }, (_, index) => record(index));
  await deliver(records);
  const [first, second] = firehose
    .commandCalls(PutRecordBatchCommand)
    .map((call) => call.args[0].input.Records);
  expect(first).toHaveLength(3);
  expect(second).toEqual([first?.[1]]);
});

test('nothing is sent where there is nothing', async () => {
  await deliver([]);
  expect(firehose.calls()).toHaveLength(0);
});

test('the transform hands back every record under its id', async () => {
  const line = JSON.stringify(record(1));
  const records = [
    incoming(`${line}\n${line}\n`, 'ok'),
    incoming('\n \n', 'empty'),
    incoming(`${line}\n{"kind":"interaction"}\n`, 'half'),
    incoming(Buffer.from([0xff, 0xfe]), 'binary'),
    incoming('null', 'null'),
  ];
  const answer = await handler({ records } as never, {} as never, () => {});
  expect(answer?.records.map(({ recordId, result }) => [recordId, result])).toEqual([
    ['ok', 'Ok'],
    ['empty', 'Dropped'],
    ['half', 'ProcessingFailed'],
    ['binary', 'ProcessingFailed'],
    ['null', 'ProcessingFailed'],
  ]);
  expect(textOf(answer?.records[0]?.data as string)).toBe(`${line}\n${line}\n`);
});

test('nothing gets through that the clickstream does not know, above all no caption', () => {
  const withCaption = JSON.stringify({ ...record(1), caption: 'with Ana at home' });
  expect(shaped(incoming(withCaption)).result).toBe('ProcessingFailed');
});

test('what a photo may be tagged with gets through, letters of two units too', () => {
  const tags = Array.from({ length: 30 }, (_, index) => `${index}`.padStart(2, '0') + '\u{20000}'.repeat(48));
  const photo = {
    kind: 'photo',
    id: '0'.repeat(22),
    photoId: '01J9ZK3T5R8Q2W4X6Y7A9BCDEF',
    tags,
    createdAt: 0,
    version: 1,
    gone: false,
    receivedAt: 0,
  };
  expect(tagsSchema.parse(tags)).toEqual(tags);
  expect(shaped(incoming(`${JSON.stringify(photo)}\n`)).result).toBe('Ok');
});

test('a value is stored to the thousandth: nothing is too small for the table', () => {
  const line = (value: number) => `${JSON.stringify({ ...record(1), type: 'dwell', value })}\n`;
  const { result, data } = shaped(incoming(line(Number.MIN_VALUE) + line(2.0004)));
  expect(result).toBe('Ok');
  const values = textOf(data as string)
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text).value);
  expect(values).toEqual([0, 2]);
});
