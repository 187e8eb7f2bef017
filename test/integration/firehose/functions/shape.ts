import { setTimeout as sleep } from 'node:timers/promises';
import type { TransformEvent } from '../stack.ts';

/** Does what the record says, so that a test can see what Firehose makes of it. */
export const handler = async ({ records }: TransformEvent): Promise<unknown> => {
  for (const { data } of records) {
    const text = Buffer.from(data, 'base64').toString().trim();
    if (text === 'too much') return 'x'.repeat(7_000_000);
    if (text === 'for ever') await sleep(100_000_000);
    if (text === 'exit') process.exit(1);
  }
  return {
    records: records.map(({ recordId, data }) => ({
      recordId,
      result: 'Ok',
      data: Buffer.from(Buffer.from(data, 'base64').toString().toUpperCase()).toString('base64'),
    })),
  };
};
