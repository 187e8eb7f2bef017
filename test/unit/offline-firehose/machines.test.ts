import { expect, test } from 'vitest';
import { inputOf, integrationOf } from '../../../offline/states/resources.ts';

const integration = (action: string) =>
  integrationOf(
    { Type: 'Task', Resource: `arn:aws:states:::aws-sdk:firehose:${action}` } as never,
    new Set(),
  );

test('a machine hands records over as text or JSON', () => {
  const record = inputOf(integration('putRecord'), {
    DeliveryStreamName: 'clicks',
    Record: { Data: 'späť\n' },
  });
  expect(record).toEqual({
    DeliveryStreamName: 'clicks',
    Record: { Data: Buffer.from('späť\n').toString('base64') },
  });
  const batch = inputOf(integration('putRecordBatch'), {
    DeliveryStreamName: 'clicks',
    Records: [{ Data: { a: 1 } }, { Data: 'b' }],
  });
  expect(batch.Records).toEqual([
    { Data: Buffer.from('{"a":1}').toString('base64') },
    { Data: Buffer.from('b').toString('base64') },
  ]);
});

test('what Firehose answers to a machine is named after it', () => {
  expect(integration('putRecordBatch')).toMatchObject({
    service: 'firehose',
    operation: 'PutRecordBatch',
    prefix: 'Firehose',
  });
});
