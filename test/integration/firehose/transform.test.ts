import { describe, expect, onTestFinished, test } from 'vitest';
import { functionsOf } from '../../../offline/lambda/function.ts';
import { WorkerPool } from '../../../offline/lambda/pool.ts';
import { lambdaArn, SECOND, type Streams, startStreams, streamArn, type TransformEvent } from './stack.ts';

type Answer = { recordId: string; result: string; data?: string };

const textOf = (data: string) => Buffer.from(data, 'base64').toString();
const base64 = (text: string) => Buffer.from(text).toString('base64');
const upper = ({ recordId, data }: TransformEvent['records'][number]): Answer => ({
  recordId,
  result: 'Ok',
  data: base64(textOf(data).toUpperCase()),
});
const shapeAll = ({ records }: TransformEvent) => ({ records: records.map(upper) });

/** What the error output says of each record, by its text. */
async function refused(stack: Streams) {
  const lines = (await stack.lines('refused/processing-failed/')).map((line) => JSON.parse(line));
  return new Map(lines.map((line) => [textOf(line.rawData), line]));
}

test('the function is handed the records as AWS hands them', async () => {
  const events: TransformEvent[] = [];
  const shape = (event: TransformEvent) => {
    events.push(event);
    return shapeAll(event);
  };
  const stack = await startStreams({ shape });
  const ids = await stack.put('a\n', 'b\n');
  const arrived = stack.clock.now();
  await stack.pass(60 * SECOND);
  expect(events).toEqual([
    {
      invocationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      deliveryStreamArn: streamArn,
      region: 'eu-west-1',
      records: ['a\n', 'b\n'].map((text, index) => ({
        recordId: ids[index],
        approximateArrivalTimestamp: expect.any(Number),
        data: base64(text),
      })),
    },
  ]);
  const at = events[0]?.records[0]?.approximateArrivalTimestamp ?? 0;
  expect(Number.isInteger(at)).toBe(true);
  expect(Math.abs(arrived - at)).toBeLessThan(5 * SECOND);
  expect(await stack.lines('clicks/')).toEqual(['A', 'B']);
  expect(await stack.keys('refused/')).toEqual([]);
  const invoked = stack.gateway.record.read().filter(({ service }) => service === 'lambda');
  expect(invoked).toMatchObject([
    {
      principal: { kind: 'service', name: 'firehose.amazonaws.com', sourceArn: streamArn },
      needs: [{ action: 'lambda:InvokeFunction', resource: lambdaArn }],
      result: 'ok',
    },
  ]);
});

test('what is dropped is left out, and what failed goes to the error output', async () => {
  const shape = ({ records }: TransformEvent) => ({
    records: records.map((record) => {
      if (textOf(record.data) === 'keep\n') return upper(record);
      return {
        recordId: record.recordId,
        result: textOf(record.data) === 'drop\n' ? 'Dropped' : 'ProcessingFailed',
      };
    }),
  });
  const stack = await startStreams({ shape });
  await stack.put('keep\n', 'drop\n', 'fail\n', 'keep\n');
  const arrived = stack.clock.now();
  await stack.pass(60 * SECOND);
  expect(await stack.lines('clicks/')).toEqual(['KEEP', 'KEEP']);
  const [line, ...more] = (await refused(stack)).values();
  expect(more).toEqual([]);
  expect(line).toEqual({
    attemptsMade: 1,
    arrivalTimestamp: expect.any(Number),
    errorCode: 'Lambda.ProcessingFailedStatus',
    errorMessage: 'ProcessingFailed status set for record',
    attemptEndingTimestamp: expect.any(Number),
    rawData: base64('fail\n'),
    lambdaArn,
  });
  expect(Math.abs(line.arrivalTimestamp - arrived)).toBeLessThan(5 * SECOND);
  expect(line.attemptEndingTimestamp - line.arrivalTimestamp).toBeGreaterThanOrEqual(60 * SECOND - 1);
});

test('where everything is dropped nothing is written', async () => {
  const shape = ({ records }: TransformEvent) => ({
    records: records.map(({ recordId }) => ({ recordId, result: 'Dropped' })),
  });
  const stack = await startStreams({ shape });
  await stack.put('a', 'b');
  await stack.pass(60 * SECOND);
  expect(await stack.keys()).toEqual([]);
  expect(stack.engine.streams()).toMatchObject([{ buffered: { records: 0 }, owedObjects: 0 }]);
});

describe('records fail that the answer', () => {
  const failing = async (shape: (event: TransformEvent) => unknown) => {
    const stack = await startStreams({ shape: shape as never });
    await stack.put('a\n', 'b\n', 'c\n');
    await stack.pass(60 * SECOND);
    const failed = [...(await refused(stack))].map(([text, { errorCode, attemptsMade }]) => [
      text,
      errorCode,
      attemptsMade,
    ]);
    return { failed, delivered: await stack.lines('clicks/') };
  };
  const rest = ({ records }: TransformEvent) => records.slice(1).map(upper);

  test('has not', async () => {
    const { failed, delivered } = await failing((event) => ({ records: rest(event) }));
    expect(failed).toEqual([['a\n', 'Lambda.MissingRecordId', 1]]);
    expect(delivered).toEqual(['B', 'C']);
  });

  test('has under another id', async () => {
    const { failed, delivered } = await failing((event) => ({
      records: [{ recordId: 'foreign', result: 'Ok', data: base64('X\n') }, ...rest(event)],
    }));
    expect(failed).toEqual([['a\n', 'Lambda.MissingRecordId', 1]]);
    expect(delivered).toEqual(['B', 'C']);
  });

  test('has twice', async () => {
    const { failed, delivered } = await failing((event) => ({
      records: [...event.records.map(upper), event.records.map(upper)[0]],
    }));
    expect(failed).toEqual([['a\n', 'Lambda.DuplicatedRecordId', 1]]);
    expect(delivered).toEqual(['B', 'C']);
  });

  test.each<[string, (event: TransformEvent) => unknown]>([
    ['nothing', () => undefined],
    ['no list', () => ({ records: {} })],
    [
      'a result of its own',
      ({ records }) => ({ records: records.map((one) => ({ ...upper(one), result: 'OK' })) }),
    ],
    [
      'no base64',
      ({ records }) => ({ records: records.map((one) => ({ ...upper(one), data: 'no base64' })) }),
    ],
    ['no data', ({ records }) => ({ records: records.map((one) => ({ ...upper(one), data: undefined })) })],
  ])('gives %s', async (_, shape) => {
    const { failed, delivered } = await failing(shape);
    expect(failed).toEqual(['a\n', 'b\n', 'c\n'].map((text) => [text, 'Lambda.FunctionError', 1]));
    expect(delivered).toEqual([]);
  });
});

test('a failed invocation is repeated three times, on the clock, before the error output has its records', async () => {
  const seen: TransformEvent[] = [];
  const shape = (event: TransformEvent) => {
    seen.push(event);
    throw new Error('broken');
  };
  const stack = await startStreams({ shape });
  await stack.put('a\n', 'b\n');
  await stack.pass(60 * SECOND);
  expect(await stack.keys()).toEqual([]);
  for (let times = 0; times < 5; times++) await stack.pass(60 * SECOND);
  expect(seen).toHaveLength(4);
  expect(new Set(seen.map(({ invocationId }) => invocationId)).size).toBe(4);
  expect(new Set(seen.map(({ records }) => JSON.stringify(records))).size).toBe(1);
  expect([...(await refused(stack)).values()]).toMatchObject(
    ['a\n', 'b\n'].map((text) => ({
      attemptsMade: 4,
      errorCode: 'Lambda.FunctionError',
      errorMessage: 'The Lambda function was successfully invoked but it returned an error result.',
      rawData: base64(text),
    })),
  );
  expect(await stack.keys('clicks/')).toEqual([]);
});

test('records are delivered once the function works again', async () => {
  let broken = true;
  const shape = (event: TransformEvent) => {
    if (broken) throw new Error('broken');
    return shapeAll(event);
  };
  const stack = await startStreams({ shape, parameters: { NumberOfRetries: '5' } });
  await stack.put('a\n', 'b\n');
  await stack.pass(60 * SECOND);
  broken = false;
  await stack.pass(60 * SECOND);
  expect(await stack.lines()).toEqual(['A', 'B']);
});

test('what keeps Firehose from the function is told by name', async () => {
  const stack = await startStreams({ shape: shapeAll, parameters: { NumberOfRetries: '0' } });
  const codeAfter = async (text: string) => {
    await stack.putOne(text);
    await stack.pass(60 * SECOND);
    return (await refused(stack)).get(text)?.errorCode;
  };
  const lambda = { name: 'fault', service: 'lambda' };
  stack.fail({ ...lambda, effect: { kind: 'throttle' } });
  expect(await codeAfter('a\n')).toBe('Lambda.InvokeLimitExceeded');
  stack.fail({ ...lambda, effect: { kind: 'fail' } });
  expect(await codeAfter('b\n')).toBe('Lambda.InternalServerError');
  stack.fail();
  stack.allow({ Action: 's3:PutObject' });
  expect(await codeAfter('c\n')).toBe('Lambda.InvokeAccessDenied');
  expect(stack.logged.join('\n')).toContain('Stream may not lambda:InvokeFunction on');
  expect(await stack.keys('clicks/')).toEqual([]);
});

test('a function that is denied at first is called once the role may', async () => {
  const stack = await startStreams({ shape: shapeAll, may: [{ Action: 's3:PutObject' }] });
  await stack.putOne('a\n');
  await stack.pass(60 * SECOND);
  stack.allow({});
  await stack.pass(60 * SECOND);
  expect(await stack.lines()).toEqual(['A']);
});

test('a function that takes longer than five minutes has failed', async () => {
  const { promise: never } = Promise.withResolvers<never>();
  const called = Promise.withResolvers<void>();
  const shape = () => {
    called.resolve();
    return never;
  };
  const stack = await startStreams({ shape, parameters: { NumberOfRetries: '0' } });
  await stack.putOne('a\n');
  await stack.clock.advance(60 * SECOND);
  await called.promise;
  await stack.clock.advance(300 * SECOND);
  await stack.idle();
  expect((await refused(stack)).get('a\n')).toMatchObject({
    errorCode: 'Lambda.FunctionTimedOut',
    attemptsMade: 1,
  });
});

describe('an invocation', () => {
  const sizes = async (data: string[], parameters: Record<string, string> = {}) => {
    const seen: TransformEvent[] = [];
    const shape = (event: TransformEvent) => {
      seen.push(event);
      return shapeAll(event);
    };
    const destination = { BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 100 } };
    const stack = await startStreams({ shape, parameters, destination });
    for (let from = 0; from < data.length; from += 500) await stack.put(...data.slice(from, from + 500));
    await stack.pass(60 * SECOND);
    expect((await stack.lines()).length).toBe(data.length);
    return seen;
  };

  test('has as many bytes as the processor buffers', async () => {
    const seen = await sizes(Array.from({ length: 7 }, () => `${'x'.repeat(300_000)}\n`));
    expect(seen.map(({ records }) => records.length)).toEqual([3, 3, 1]);
    const smaller = await sizes(
      Array.from({ length: 5 }, () => `${'x'.repeat(100_000)}\n`),
      { BufferSizeInMBs: '0.2' },
    );
    expect(smaller.map(({ records }) => records.length)).toEqual([2, 2, 1]);
  });

  test('has a record that is larger alone', async () => {
    const seen = await sizes(
      [10, 500_000, 10].map((length) => `${'x'.repeat(length)}\n`),
      { BufferSizeInMBs: '0.2' },
    );
    expect(seen.map(({ records }) => records.length)).toEqual([1, 1, 1]);
  });

  test('is below six megabytes, however small the records are', async () => {
    const seen = await sizes(
      Array.from({ length: 80_000 }, () => '\n1'),
      { BufferSizeInMBs: '3' },
    );
    expect(seen.length).toBeGreaterThan(1);
    for (const event of seen) {
      expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThanOrEqual(6 * 1024 * 1024);
    }
  }, 60_000);
});

test('a real function is waited for, as long as it may take and as much as it may answer', async () => {
  const stack = await startStreams({
    parameters: { NumberOfRetries: '1' },
    pool: (made, { clock, random, endpoint, region }) => {
      const pool = new WorkerPool({
        ...{ clock, random, endpoint, region },
        functions: functionsOf(made),
        root: import.meta.dirname,
        traceDaemon: '127.0.0.1:2000',
        keyOf: () => ({ accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' }),
        onLine: () => {},
      });
      onTestFinished(() => pool.close());
      return pool;
    },
  });
  const codes = async (text: string) => {
    await stack.putOne(text);
    await stack.pass(60 * SECOND);
    for (let times = 0; times < 2; times++) await stack.pass(60 * SECOND);
    return (await refused(stack)).get(text);
  };
  await codes('shout\n');
  expect(await stack.lines('clicks/')).toEqual(['SHOUT']);
  expect(await codes('too much\n')).toMatchObject({ errorCode: 'Lambda.FunctionError', attemptsMade: 2 });
  expect(await codes('for ever\n')).toMatchObject({ errorCode: 'Lambda.FunctionTimedOut', attemptsMade: 2 });
  expect(await codes('exit\n')).toMatchObject({ errorCode: 'Lambda.FunctionError', attemptsMade: 2 });
});
