import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../../lib/http/answer.ts';
import { Problem } from '../../../lib/problem.ts';
import { anApiEvent } from '../../support/api-events.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/aws/dynamodb.ts')),
    ...(await import('../../../lib/http/idempotency.ts')),
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

const start = Date.now();
const later = (seconds: number) => new Date(start + seconds * 1_000);

/** One user's requests with one key; `runs` says how often the work was done. */
function requests() {
  const userId = randomUUID();
  const key = randomUUID();
  const done = { runs: 0 };
  const send = (changes: Changes = {}) => {
    const { work = async () => {}, now = later(0), by = userId, ...event } = changes;
    const request = {
      ...anApiEvent({ routeKey: 'POST /things', headers: { 'idempotency-key': key }, body: '{}' }),
      ...event,
    };
    const run = async (): Promise<Answer> => {
      const number = ++done.runs;
      await work();
      return { status: 201, headers: { location: `/things/${number}` }, body: { number } };
    };
    return lib.once(request, by, run, { kept: (answer) => answer, refresh: async (answer) => answer }, now);
  };
  return { send, done };
}

interface Changes {
  readonly work?: () => Promise<unknown>;
  readonly now?: Date;
  readonly by?: string;
  readonly body?: string;
  readonly rawPath?: string;
  readonly routeKey?: string;
  readonly headers?: Record<string, string>;
}

const first = { status: 201, headers: { location: '/things/1' }, body: { number: 1 } };

describe('a repeated POST', () => {
  it('is answered as the first time, and says so', async () => {
    const { send, done } = requests();
    expect(await send()).toEqual(first);
    const replayed = await send({ now: later(86_399) });
    expect(replayed).toEqual({ ...first, headers: { ...first.headers, 'idempotency-replayed': 'true' } });
    expect(done.runs).toBe(1);
  });

  it('is done again after a day, and without a key', async () => {
    const { send, done } = requests();
    await send();
    await send({ now: later(86_402) });
    await send({ headers: {} });
    expect(done.runs).toBe(3);
  });

  it('is done once, however many arrive together', async () => {
    const { send, done } = requests();
    const settled = await Promise.allSettled(Array.from({ length: 12 }, () => send()));
    expect(done.runs).toBe(1);
    for (const outcome of settled) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ status: 409 });
    }
  });

  it.each([
    ['body', { body: '{"other":true}' }],
    ['path', { rawPath: '/things/of/others' }],
  ])('is refused with another %s', async (_what, changes) => {
    const { send } = requests();
    await send();
    await expect(send(changes)).rejects.toMatchObject({ status: 422, code: 'idempotency-key-reused' });
  });

  it('is another one on another route and of another user', async () => {
    const { send, done } = requests();
    await send();
    await send({ routeKey: 'POST /others' });
    await send({ by: randomUUID() });
    expect(done.runs).toBe(3);
  });

  it('may be tried again after a failure', async () => {
    const { send, done } = requests();
    const refuse = () => send({ work: () => Promise.reject(new Problem(409, 'no', 'No.')) });
    await expect(refuse()).rejects.toMatchObject({ code: 'no' });
    await expect(refuse()).rejects.toMatchObject({ code: 'no' });
    expect(await send()).toMatchObject({ body: { number: 3 } });
    expect(done.runs).toBe(3);
  });

  it.each(['', 'x'.repeat(129), 'a b', 'é', 'a\nb'])('is refused with the key %j', async (key) => {
    const { send } = requests();
    await expect(send({ headers: { 'idempotency-key': key } })).rejects.toMatchObject({
      status: 400,
      code: 'idempotency-key-invalid',
    });
  });
});

describe('a request that is still running', () => {
  it('makes others with its key wait, and is taken for dead after 35 s', async () => {
    const { send, done } = requests();
    let release = () => {};
    const slow = send({ work: () => new Promise<void>((resolve) => (release = resolve)) });
    await expect.poll(() => done.runs).toBe(1);
    await expect(send({ now: later(34) })).rejects.toMatchObject({
      status: 409,
      code: 'idempotency-in-flight',
      headers: { 'retry-after': '1' },
    });
    expect(await send({ now: later(37) })).toMatchObject({ body: { number: 2 } });
    release();
    expect(await slow).toMatchObject({ body: { number: 1 } });
    expect(await send({ now: later(38) })).toMatchObject({ body: { number: 2 } });
  });

  it('does not undo, when it fails at last, what has been done in its place', async () => {
    const { send, done } = requests();
    let fail = (_error: Error) => {};
    const slow = send({ work: () => new Promise((_, reject) => (fail = reject)) });
    await expect.poll(() => done.runs).toBe(1);
    await send({ now: later(37) });
    fail(new Error('too late'));
    await expect(slow).rejects.toThrow('too late');
    expect(await send({ now: later(38) })).toMatchObject({ body: { number: 2 } });
    expect(done.runs).toBe(2);
  });

  it('knows its own claim again where the answer to it was lost', async () => {
    const { send } = requests();
    const lose = { step: 'deserialize', priority: 'low', name: 'lost' } as const;
    let lost = false;
    lib.dynamodb.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        if (lost) return answer;
        lost = true;
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
      },
      lose as never,
    );
    try {
      expect(await send()).toEqual(first);
    } finally {
      lib.dynamodb.middlewareStack.remove('lost');
    }
    expect(lost).toBe(true);
  });
});
