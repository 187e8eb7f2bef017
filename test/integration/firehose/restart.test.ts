import { appendFileSync, copyFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { folder, leftBy, SECOND, type Streams, startStreams, type TransformEvent } from './stack.ts';

const upper = ({ records }: TransformEvent) => ({
  records: records.map(({ recordId, data }) => ({
    recordId,
    result: 'Ok',
    data: Buffer.from(Buffer.from(data, 'base64').toString().toUpperCase()).toString('base64'),
  })),
});
const journalOf = (stateDir: string) => join(stateDir, 'firehose.jsonl');
const toS3 = { service: 's3', operation: 'PutObject', caller: 'service:firehose' };

test('what was accepted is delivered after a kill, when it would have been', async () => {
  const first = await startStreams();
  await first.put('a\n', 'b\n');
  const second = await startStreams({ stateDir: leftBy(first), aheadMs: 30 * SECOND });
  await second.putOne('c\n');
  await second.pass(20 * SECOND);
  expect(await second.lines()).toEqual([]);
  await second.pass(10 * SECOND);
  expect(await second.lines()).toEqual(['a', 'b', 'c']);
});

test('what fell due while nothing ran is delivered at the start', async () => {
  const first = await startStreams();
  await first.put('a\n', 'b\n');
  const second = await startStreams({ stateDir: leftBy(first), aheadMs: 3_600 * SECOND });
  await second.idle();
  expect(await second.lines()).toEqual(['a', 'b']);
});

test('an orderly stop leaves what waits as well, and nothing that is delivered', async () => {
  const stateDir = folder();
  const first = await startStreams({ stateDir });
  await first.putOne('a\n');
  await first.pass(60 * SECOND);
  await first.putOne('b\n');
  await first.engine.close();
  const second = await startStreams({ stateDir: leftBy(first), aheadMs: 3_600 * SECOND });
  await second.idle();
  expect((await second.lines()).sort()).toEqual(['a', 'b']);
});

test('records whose transformation a stop or a kill interrupts are transformed again', async () => {
  const { promise: never } = Promise.withResolvers<never>();
  let calls = 0;
  const shape = () => {
    calls++;
    return never;
  };
  const first = await startStreams({ shape, parameters: { NumberOfRetries: '0' } });
  await first.put('a\n', 'b\n');
  await first.clock.advance(60 * SECOND);
  await expect.poll(() => calls).toBe(1);
  const killed = leftBy(first);
  await first.engine.close();
  for (const stateDir of [killed, leftBy(first)]) {
    const second = await startStreams({ shape: upper, stateDir, aheadMs: 60 * SECOND });
    await second.idle();
    expect(await second.lines()).toEqual(['A', 'B']);
  }
});

test('an object that is owed is written after a kill, without asking the function again', async () => {
  const first = await startStreams({ shape: upper });
  first.fail({ name: 'busy', ...toS3, effect: { kind: 'throttle' } });
  await first.put('a\n', 'b\n');
  await first.pass(60 * SECOND);
  const shape = () => {
    throw new Error('was asked again');
  };
  const second = await startStreams({ shape, stateDir: leftBy(first), aheadMs: 60 * SECOND });
  await second.idle();
  expect(await second.lines()).toEqual(['A', 'B']);
});

test('a kill after any line of the journal loses nothing and writes nothing twice', async () => {
  const first = await startStreams({ shape: upper });
  await first.put('a\n', 'b\n');
  await first.pass(60 * SECOND);
  await first.putOne('c\n');
  await first.pass(60 * SECOND);
  const lines = readFileSync(journalOf(first.stateDir), 'utf8').split('\n').slice(0, -1);
  expect(lines).toHaveLength(6);
  for (let kept = 0; kept <= lines.length; kept++) {
    // Everything is in the bucket already; the journal knows of less.
    const stateDir = leftBy(first);
    copyFileSync('/dev/null', journalOf(stateDir));
    appendFileSync(
      journalOf(stateDir),
      lines
        .slice(0, kept)
        .map((line) => `${line}\n`)
        .join(''),
    );
    const second = await startStreams({ shape: upper, stateDir, aheadMs: 3_600 * SECOND });
    await second.idle();
    expect((await second.lines()).sort()).toEqual(['A', 'B', 'C']);
    await second.stop();
  }
});

test('a record that was not written down whole was not accepted', async () => {
  const first = await startStreams();
  await first.putOne('a\n');
  const stateDir = leftBy(first);
  appendFileSync(journalOf(stateDir), '{"stream":"clicks","records":[{"id":1');
  const second = await startStreams({ stateDir, aheadMs: 3_600 * SECOND });
  await second.idle();
  expect(await second.lines()).toEqual(['a']);
});

test('the journal forgets what is delivered', async () => {
  const stack = await startStreams();
  const size = () => statSync(journalOf(stack.stateDir)).size;
  for (let times = 0; times < 12; times++) {
    await stack.put('x'.repeat(1_000_000), 'x'.repeat(100_000));
    await stack.idle();
  }
  expect(await stack.keys()).toHaveLength(12);
  expect(size()).toBeLessThan(12_000_000);
  const again = await startStreams({ stateDir: leftBy(stack) });
  expect(statSync(journalOf(again.stateDir)).size).toBe(0);
});

test('ids never repeat, also over restarts after which the journal knows of none', async () => {
  const first = await startStreams();
  const ids = await first.put('a', 'b');
  await first.pass(60 * SECOND);
  const second = await startStreams({ stateDir: leftBy(first), aheadMs: 60 * SECOND });
  const third = await startStreams({ stateDir: leftBy(second), aheadMs: 61 * SECOND });
  ids.push(...(await third.put('c', 'd')));
  expect(new Set(ids).size).toBe(4);
  expect(ids.map(Number)).toEqual(ids.map(Number).toSorted((one, other) => one - other));
});

test('the records of a stream that has left the template are forgotten, and it is told', async () => {
  const first = await startStreams();
  await first.putOne('a');
  const stateDir = leftBy(first);
  const Stream = { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'unlike' } };
  const second = await startStreams({ stateDir, resources: { Stream } });
  expect(second.logged).toContain('Firehose: forgot the records of streams that are gone: clicks');
  expect(statSync(journalOf(stateDir)).size).toBe(0);
});

test('every accepted record lands once, whatever fails and however often the stack is killed', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ put: fc.integer({ min: 1, max: 20 }) }) },
    { weight: 3, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 90 }) }) },
    { weight: 1, arbitrary: fc.record({ kill: fc.constant(true) }) },
    { weight: 1, arbitrary: fc.record({ stop: fc.constant(true) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        fail: fc.constantFrom<object>(
          { effect: { kind: 'throttle' } },
          { effect: { kind: 'duplicate' } },
          { effect: { kind: 'drop', when: 'after' } },
          { effect: { kind: 'drop', when: 'before' } },
          { effect: { kind: 'fail' } },
        ),
        service: fc.constantFrom('s3', 'lambda'),
      }),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      let stack: Streams | undefined;
      let aheadMs = 0;
      const accepted: string[] = [];
      const start = async (stateDir: string) => {
        const next = await startStreams({
          shape: upper,
          stateDir,
          aheadMs,
          parameters: { NumberOfRetries: '300' },
        });
        stack = next;
        return next;
      };
      let running = await start(folder());
      for (const each of steps) {
        if ('put' in each) {
          const texts = Array.from({ length: each.put }, (_, index) => `R${accepted.length + index}`);
          await running.put(...texts.map((text) => `${text}\n`));
          accepted.push(...texts);
        } else if ('pass' in each) {
          await running.pass(each.pass * SECOND);
          aheadMs += each.pass * SECOND;
        } else if ('fail' in each) {
          const caller = 'service:firehose';
          running.fail({ name: 'some', service: each.service, caller, probability: 0.6, ...each.fail });
        } else {
          if ('stop' in each) await running.engine.close();
          const left = leftBy(running);
          await running.stop();
          running = await start(left);
        }
      }
      running.fail();
      for (let times = 0; times < 4; times++) await running.pass(90 * SECOND);
      const landed = await running.lines();
      await stack?.stop();
      expect(landed.sort()).toEqual(accepted.sort());
    }),
    { numRuns: 15, endOnFailure: true },
  );
}, 120_000);
