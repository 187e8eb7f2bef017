import { afterEach, beforeEach, expect, test } from 'vitest';
import { Clock } from '../../../offline/clock.ts';

const DAY = 86_400_000;

let clock: Clock;
beforeEach(() => {
  clock = new Clock();
});
afterEach(() => clock.stop());

test('a day passes in one step, and every timer sees its own time', async () => {
  const start = clock.now();
  const seen: [string, number][] = [];
  const note = (name: string) => () => seen.push([name, Math.round((clock.now() - start) / 1000)]);
  clock.setTimeout(note('evening'), 64_800_000);
  clock.setTimeout(note('morning'), 21_600_000);
  clock.setTimeout(note('also morning'), 21_600_000);
  clock.setTimeout(note('tomorrow'), DAY + 1000);
  await clock.advance(DAY);
  expect(seen).toEqual([
    ['morning', 21_600],
    ['also morning', 21_600],
    ['evening', 64_800],
  ]);
  expect(clock.now() - start).toBeGreaterThanOrEqual(DAY);
  expect(clock.now() - start).toBeLessThan(DAY + 1000);
});

test('a back-off that sets its next timer runs through within one advance', async () => {
  const attempts: number[] = [];
  const start = clock.now();
  const attempt = (delay: number) => {
    attempts.push(Math.round((clock.now() - start) / 1000));
    clock.setTimeout(() => attempt(delay * 2), delay);
  };
  clock.setTimeout(() => attempt(60_000), 60_000);
  await clock.advance(15 * 60_000 + 500);
  expect(attempts).toEqual([60, 120, 240, 480]);
});

test('what a timer starts has a turn before the next timer runs', async () => {
  const order: string[] = [];
  clock.setTimeout(async () => {
    await Promise.resolve();
    order.push('work of the first');
  }, 10);
  clock.setTimeout(() => order.push('second'), 20);
  await clock.advance(30);
  expect(order).toEqual(['work of the first', 'second']);
});

test('a cancelled timer does not run, and an aborted sleep ends at once', async () => {
  const ran: string[] = [];
  clock.setTimeout(() => ran.push('cancelled'), 10).cancel();
  const controller = new AbortController();
  const sleep = clock.sleep(DAY, controller.signal);
  controller.abort();
  await sleep;
  await clock.sleep(DAY, AbortSignal.abort());
  await clock.advance(20);
  expect(ran).toEqual([]);
});

test('timers run without any advance, in real time', async () => {
  const order: string[] = [];
  const later = new Promise<void>((resolve) => clock.setTimeout(resolve, 5)).then(() => order.push('later'));
  await Promise.all([later, clock.sleep(1).then(() => order.push('sooner'))]);
  expect(order).toEqual(['sooner', 'later']);
});

test('a stopped clock runs nothing, not even what is set afterwards', async () => {
  const ran: string[] = [];
  clock.setTimeout(() => ran.push('before'), 1);
  clock.stop();
  clock.setTimeout(() => ran.push('after'), 1);
  await clock.advance(10);
  expect(ran).toEqual([]);
});

test('time neither goes back nor stands on something that is no number', async () => {
  await expect(clock.advance(-1)).rejects.toThrow('from 0, got -1');
  await expect(clock.advance(Number.NaN)).rejects.toThrow(RangeError);
  expect(() => clock.setTimeout(() => {}, Number.NaN)).toThrow('got NaN');
});

test('a worker reads the same offset', async () => {
  await clock.advance(DAY);
  expect(new Float64Array(clock.shared)[0]).toBeCloseTo(DAY, -2);
});
