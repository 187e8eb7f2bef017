import type { SQSRecord } from 'aws-lambda';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { correlation } from '../../../lib/correlation.ts';
import { queueHandler } from '../../../lib/events/queue.ts';

const handled: { n: number; correlationId: string }[] = [];

const handler = queueHandler('count', z.object({ n: z.number() }), async ({ n }) => {
  if (n === 13) throw new Error('unlucky');
  handled.push({ n, correlationId: correlation().correlationId });
});

const message = (messageId: string, body: string, correlationId?: string): SQSRecord =>
  ({
    messageId,
    body,
    attributes: { ApproximateReceiveCount: '1' },
    messageAttributes: correlationId ? { correlationId: { stringValue: correlationId } } : {},
  }) as unknown as SQSRecord;

it('only what fails of a batch comes back: what is not JSON, of another shape, or not done', async () => {
  handled.length = 0;
  const Records = [
    message('a', '{"n":1}', 'request-1'),
    message('b', '{'),
    message('c', '{"n":"1"}'),
    message('d', '{"n":13}'),
    message('e', '{"n":2}', 'hostile\n"}'),
  ];
  expect(await handler({ Records })).toEqual({
    batchItemFailures: [{ itemIdentifier: 'b' }, { itemIdentifier: 'c' }, { itemIdentifier: 'd' }],
  });
  expect(handled).toEqual([
    { n: 1, correlationId: 'request-1' },
    { n: 2, correlationId: expect.stringMatching(/^[0-9A-Z]{26}$/) },
  ]);
});
