import { describe, expect, test } from 'vitest';
import { DAY, SECOND, type Streams, startStreams, type TransformEvent } from './stack.ts';

const upper = ({ records }: TransformEvent) => ({
  records: records.map(({ recordId, data }) => ({
    recordId,
    result: 'Ok',
    data: Buffer.from(Buffer.from(data, 'base64').toString().toUpperCase()).toString('base64'),
  })),
});
const toS3 = { service: 's3', operation: 'PutObject', caller: 'service:firehose' };
const toLambda = { service: 'lambda', operation: 'Invoke', caller: 'service:firehose' };
const linesOf = ({ logged }: Streams) => logged.filter((line) => line.startsWith('Firehose:'));

describe('records land once', () => {
  test.each<[string, object[]]>([
    ['S3 throttles the first five times', [{ ...toS3, times: 5, effect: { kind: 'throttle' } }]],
    ['S3 fails', [{ ...toS3, times: 2, effect: { kind: 'fail' } }]],
    ['S3 is asked twice', [{ ...toS3, effect: { kind: 'duplicate' } }]],
    ['the answer of S3 is lost', [{ ...toS3, times: 2, effect: { kind: 'drop', when: 'after' } }]],
    ['the way to S3 is broken', [{ ...toS3, times: 2, effect: { kind: 'drop', when: 'before' } }]],
    ['the function is asked twice', [{ ...toLambda, effect: { kind: 'duplicate' } }]],
    ['Lambda throttles', [{ ...toLambda, times: 3, effect: { kind: 'throttle' } }]],
    [
      'the answer of the function is lost',
      [{ ...toLambda, times: 2, effect: { kind: 'drop', when: 'after' } }],
    ],
  ])('where %s', async (_, faults) => {
    const stack = await startStreams({ shape: upper });
    stack.fail(...faults.map((fault, index) => ({ name: `fault-${index}`, ...fault })));
    await stack.put('a\n', 'b\n');
    await stack.pass(60 * SECOND);
    await stack.putOne('c\n');
    for (let times = 0; times < 8; times++) await stack.pass(30 * SECOND);
    expect((await stack.lines()).sort()).toEqual(['A', 'B', 'C']);
    expect(await stack.keys()).toHaveLength(2);
    expect(stack.engine.streams()).toMatchObject([{ buffered: { records: 0 }, owedObjects: 0 }]);
  });

  test('where the caller hears nothing of a batch that was taken, and sends it again, its records land twice', async () => {
    const stack = await startStreams();
    stack.fail({
      name: 'lost',
      service: 'firehose',
      operation: 'PutRecordBatch',
      times: 1,
      effect: { kind: 'drop', when: 'after' },
    });
    await stack.put('a\n', 'b\n');
    await stack.pass(60 * SECOND);
    expect(await stack.lines()).toEqual(['a', 'b', 'a', 'b']);
  });
});

test('the function is not asked again for what only the bucket refused', async () => {
  let calls = 0;
  const shape = (event: TransformEvent) => {
    calls++;
    return upper(event);
  };
  const stack = await startStreams({ shape });
  stack.fail({ name: 'busy', ...toS3, effect: { kind: 'throttle' } });
  await stack.putOne('a\n');
  await stack.pass(60 * SECOND);
  await stack.pass(3_600 * SECOND);
  expect(stack.engine.streams()).toMatchObject([{ owedObjects: 1 }]);
  stack.fail();
  await stack.pass(60 * SECOND);
  expect(await stack.lines()).toEqual(['A']);
  expect(calls).toBe(1);
});

test('one object that is refused does not hold up the next', async () => {
  const stack = await startStreams({
    may: [
      { Action: 'lambda:InvokeFunction' },
      { Action: 's3:PutObject', Resource: 'arn:aws:s3:::clicks/clicks/*' },
    ],
    shape: refuseFirst,
  });
  await stack.put('no\n', 'yes\n');
  await stack.pass(60 * SECOND);
  await stack.putOne('yes too\n');
  await stack.pass(60 * SECOND);
  expect(await stack.lines()).toEqual(['yes', 'yes too']);
  stack.allow({});
  await stack.pass(60 * SECOND);
  expect(await stack.lines('refused/')).toHaveLength(1);
});

describe('where the role may not write', () => {
  const denied = async () => {
    const stack = await startStreams({ may: [{ Action: 'lambda:InvokeFunction' }] });
    await stack.put('a\n', 'b\n');
    await stack.pass(60 * SECOND);
    return stack;
  };

  test('the records wait, and land once it may', async () => {
    const stack = await denied();
    const refusals = stack.gateway.record.read().filter(({ operation }) => operation === 'PutObject');
    expect(refusals.map(({ result }) => result)).toContain('AccessDenied');
    expect(stack.logged.join('\n')).toContain('Stream may not s3:PutObject on');
    for (let hours = 0; hours < 23; hours++) await stack.pass(3_600 * SECOND);
    expect(stack.engine.streams()).toMatchObject([{ owedObjects: 1 }]);
    stack.allow({});
    await stack.pass(60 * SECOND);
    expect(await stack.lines()).toEqual(['a', 'b']);
    expect(linesOf(stack)).toEqual([
      expect.stringMatching(/^Firehose: clicks did not take clicks\/\S+ of clicks, it is tried again: /),
    ]);
  });

  test('they are given up after a day, and it is told', async () => {
    const stack = await denied();
    await stack.pass(DAY);
    await stack.pass(60 * SECOND);
    expect(stack.engine.streams()).toMatchObject([{ owedObjects: 0 }]);
    expect(linesOf(stack)).toEqual([
      expect.stringContaining('it is tried again'),
      expect.stringMatching(
        /^Firehose: clicks did not take clicks\/\S+ of clicks for a day, its records are lost: /,
      ),
    ]);
    stack.allow({});
    await stack.pass(DAY);
    expect(await stack.keys()).toEqual([]);
  });
});

test('idle waits for deliveries, not for what waits for its time', async () => {
  let calls = 0;
  const answered = Promise.withResolvers<void>();
  const shape = async (event: TransformEvent) => {
    calls++;
    await answered.promise;
    return upper(event);
  };
  const stack = await startStreams({ shape });
  await stack.putOne('a\n');
  await stack.idle();
  expect(calls).toBe(0);
  await stack.clock.advance(60 * SECOND);
  await expect.poll(() => calls).toBe(1);
  expect(stack.engine.busy).toBe(true);
  let isIdle = false;
  const idle = stack.idle().then(() => (isIdle = true));
  await stack.keys();
  expect(isIdle).toBe(false);
  answered.resolve();
  await idle;
  expect(await stack.lines()).toEqual(['A']);
});

/** Fails the first record of each event, and keeps the others as they are. */
function refuseFirst({ records }: TransformEvent) {
  return {
    records: records.map(({ recordId, data }) =>
      Buffer.from(data, 'base64').toString() === 'no\n'
        ? { recordId, result: 'ProcessingFailed' }
        : { recordId, result: 'Ok', data },
    ),
  };
}
