import { beforeEach, expect, test } from 'vitest';
import { CircuitBreaker } from '../../../lib/aws/breaker.ts';

let now = 0;
let breaker: CircuitBreaker;
const fail = () => breaker.run(() => Promise.reject(new Error('down'))).catch(() => {});
const succeed = () => breaker.run(async () => 'up');

beforeEach(() => {
  now = 0;
  breaker = new CircuitBreaker(() => now);
});

test('five failures within ten seconds open it for thirty', async () => {
  for (let failure = 1; failure <= 5; failure += 1) {
    expect(breaker.isOpen).toBe(false);
    await fail();
    now += 2_000;
  }
  expect(breaker.isOpen).toBe(true);
  now = 8_000 + 29_999;
  expect(breaker.isOpen).toBe(true);
  now += 1;
  expect(breaker.isOpen).toBe(false);
});

test('failures that are far apart do not', async () => {
  for (let failure = 1; failure <= 9; failure += 1) {
    await fail();
    now += 2_501;
  }
  expect(breaker.isOpen).toBe(false);
});

test('a success in between forgives', async () => {
  for (let failure = 1; failure <= 4; failure += 1) await fail();
  await succeed();
  for (let failure = 1; failure <= 4; failure += 1) await fail();
  expect(breaker.isOpen).toBe(false);
});

test('the call that tries whether it is back decides alone', async () => {
  for (let failure = 1; failure <= 5; failure += 1) await fail();
  now += 30_000;
  await fail();
  expect(breaker.isOpen).toBe(true);
  now += 30_000;
  await succeed();
  await fail();
  expect(breaker.isOpen).toBe(false);
});
