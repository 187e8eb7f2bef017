import { availableParallelism } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LambdaFunction } from '../../../offline/lambda/function.ts';
import type { PoolSettings, WorkerPool } from '../../../offline/lambda/pool.ts';
import { fixtureFunction, fixturePool } from '../../support/pool.ts';

const name = 'fixture-local-probe';
let open: WorkerPool | undefined;

function start(lambda: Partial<LambdaFunction> = {}, settings: Partial<PoolSettings> = {}) {
  const fixture = fixturePool([fixtureFunction(lambda)], settings);
  open = fixture.pool;
  const ask = (event: object) => fixture.pool.invoke(name, event);
  const value = async (event: object): Promise<unknown> => {
    const outcome = await ask(event);
    if (outcome.ok) return outcome.payload;
    throw new Error(`${outcome.error.errorType}: ${outcome.error.errorMessage}`);
  };
  return { ...fixture, ask, value };
}

afterEach(() => open?.close());

describe('what a handler sees', () => {
  it('has exactly the environment of its template and of Lambda', async () => {
    process.env.A_VARIABLE_OF_THIS_MACHINE = 'leaked';
    const { value } = start({ environment: { STAGE: 'local', TABLE_NAME: 'afterparty-local-table' } });
    const environment = (await value({ do: 'environment' })) as Record<string, string>;
    expect(environment).toEqual({
      STAGE: 'local',
      TABLE_NAME: 'afterparty-local-table',
      AWS_ACCESS_KEY_ID: `ASIA-${name}`,
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: '/fixture/local/api',
      AWS_LAMBDA_LOG_STREAM_NAME: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      AWS_REGION: 'eu-west-1',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'session-token',
      AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
      AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
      LAMBDA_TASK_ROOT: expect.stringMatching(/fixture-service$/),
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      _HANDLER: 'functions/probe.handler',
      _X_AMZN_TRACE_ID: expect.stringMatching(
        /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1$/,
      ),
    });
  });

  it('carries on the trace of its caller', async () => {
    const { pool } = start();
    const traceHeader = 'Root=1-6541a3c2-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0';
    const outcome = await pool.invoke(name, { do: 'environment' }, { traceHeader });
    expect(outcome).toMatchObject({ ok: true, payload: { _X_AMZN_TRACE_ID: traceHeader } });
  });

  it('gets the whole context object', async () => {
    const { value } = start();
    expect(await value({ do: 'context' })).toEqual({
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      functionName: name,
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:eu-west-1:000000000000:function:${name}`,
      logGroupName: '/fixture/local/api',
      logStreamName: expect.stringContaining('[$LATEST]'),
      memoryLimitInMB: '256',
      remaining: expect.toSatisfy((ms: number) => ms > 3000 && ms <= 5000),
    });
  });

  it('reads the time of the stack, also after the clock was advanced under a warm worker', async () => {
    const { value, clock } = start();
    await value({ do: 'dates' });
    await clock.advance(24 * 3600_000);
    const dates = (await value({ do: 'dates' })) as {
      now: number;
      made: string;
      said: string;
      given: string;
    };
    expect(Math.abs(dates.now - clock.now())).toBeLessThan(1000);
    expect(Math.abs(Date.parse(dates.made) - clock.now())).toBeLessThan(1000);
    expect(Math.abs(Date.parse(dates.said) - clock.now())).toBeLessThan(2000);
    expect(dates.given).toBe('1970-01-01T00:00:00.000Z');
  });

  it('passes lines on with the request they belong to', async () => {
    const { value, lines } = start();
    await value({ do: 'log', value: 'first\nsecond' });
    await vi.waitFor(() => expect(lines.map(({ line }) => line)).toEqual(['first', 'second']));
    expect(lines[0]?.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('how a failure is named', () => {
  const request = /RequestId: [0-9a-f-]{36} Error: /.source;
  it.each([
    ['throw named', {}, 'NamedError', /^named$/],
    ['throw unnamed', {}, 'Error', /^unnamed$/],
    ['throw type error', {}, 'TypeError', /undefined/],
    ['throw string', {}, 'string', /^only a string$/],
    [
      'exit',
      { value: 3 },
      'Runtime.ExitError',
      new RegExp(`^${request}Runtime exited with error: exit status 3$`),
    ],
    [
      'exit',
      { value: 0 },
      'Runtime.ExitError',
      new RegExp(`^${request}Runtime exited without providing a reason$`),
    ],
    ['throw later', {}, 'NamedError', /^nobody catches this$/],
    ['reject later', {}, 'Runtime.UnhandledPromiseRejection', /^NamedError: nobody awaits this$/],
    ['loop', {}, 'Sandbox.Timedout', new RegExp(`^${request}Task timed out after 1.00 seconds$`)],
    [
      'eat memory',
      {},
      'Runtime.OutOfMemory',
      new RegExp(`^${request}Runtime exited with error: signal: killed$`),
    ],
    ['answer too much', {}, 'Function.ResponseSizeTooLarge', /7000002 bytes.*6291556 bytes/],
  ])(
    '%s %o is %s',
    async (what, more, errorType, message) => {
      const timeoutMs = what === 'loop' ? 1000 : 20_000;
      const { ask, value } = start({ timeoutMs, memoryMb: 128 });
      const outcome = await ask({ do: what, ...more });
      expect(outcome).toEqual({
        ok: false,
        error: { errorType, errorMessage: expect.stringMatching(message), stackTrace: expect.any(Array) },
      });
      expect(await value({ do: 'echo', value: 'the next event is served' })).toBe('the next event is served');
    },
    30_000,
  );

  it.each([
    ['functions/broken-import.handler', 'Runtime.ImportModuleError', /does-not-exist/],
    ['functions/missing-file.handler', 'Runtime.ImportModuleError', /missing-file/],
    [
      'functions/probe.missing',
      'Runtime.HandlerNotFound',
      /functions\/probe\.missing is undefined or not exported/,
    ],
    ['functions/probe.notAFunction', 'Runtime.HandlerNotFound', /is undefined or not exported/],
    ['functions/throws-at-load.handler', 'ConfigurationError', /TABLE_NAME is missing/],
  ])('%s fails to start as %s, at every event', async (handler, errorType, message) => {
    const { ask } = start({ handler });
    for (const _attempt of [1, 2]) {
      const outcome = await ask({ do: 'echo' });
      expect(outcome).toMatchObject({
        ok: false,
        error: { errorType, errorMessage: expect.stringMatching(message) },
      });
    }
  });

  it('ends only the worker that a handler took down', async () => {
    const { ask, value } = start();
    const waiting = value({ do: 'wait', ms: 300 });
    const broken = await ask({ do: 'throw later' });
    expect(broken.ok).toBe(false);
    expect(await waiting).toBe('waited');
  });
});

describe('the workers', () => {
  it('take one event at a time and stay warm', async () => {
    const { value, pool } = start();
    expect(await value({ do: 'count' })).toBe(1);
    expect(await value({ do: 'count' })).toBe(2);
    await Promise.all([value({ do: 'wait', ms: 100 }), value({ do: 'wait', ms: 100 })]);
    expect(pool.size).toBe(2);
  });

  it('serve a burst of short events with few of them', async () => {
    const { value, pool } = start();
    const burst = Array.from({ length: 100 }, (_, index) => value({ do: 'echo', value: index }));
    expect(await Promise.all(burst)).toEqual(burst.map((_, index) => index));
    expect(pool.busy).toBe(false);
    expect(pool.size).toBeLessThanOrEqual(Math.max(3, availableParallelism()));
  });

  it('become one for each event that none of them is free for', async () => {
    const { value, pool, clock } = start({ timeoutMs: 30_000 });
    const tomorrow = clock.now() + 24 * 3600_000;
    const waiting = Array.from({ length: 8 }, () => value({ do: 'wait until', value: tomorrow }));
    await vi.waitFor(() => expect(pool.size).toBe(8), { timeout: 15_000 });
    await clock.advance(25 * 3600_000);
    await Promise.all(waiting);
  });

  it('of many functions are eight at most when nothing is to do', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `f${index}`);
    const functions = names.map((key) => fixtureFunction({ key, name: key }));
    const { pool } = fixturePool(functions, { burstMs: 200 });
    open = pool;
    for (const key of names) await pool.invoke(key, { do: 'count' });
    await vi.waitFor(() => expect(pool.size).toBe(8));
    const latest = names.slice(-8).map((key) => pool.invoke(key, { do: 'count' }));
    expect(await Promise.all(latest)).toEqual(latest.map(() => ({ ok: true, payload: 2 })));
  });

  it('stay one of each function rather than two of one', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `f${index}`);
    const functions = names.map((key) => fixtureFunction({ key, name: key }));
    const { pool } = fixturePool(functions, { burstMs: 200 });
    open = pool;
    const count = async (key: string) => pool.invoke(key, { do: 'count' });
    for (const key of names) await count(key);
    const both = [1, 2].map(() => pool.invoke('f7', { do: 'wait', ms: 300 }));
    await vi.waitFor(() => expect(pool.size).toBe(9));
    await Promise.all(both);
    await vi.waitFor(() => expect(pool.size).toBe(8));
    expect(await Promise.all(names.slice(0, 7).map(count))).toEqual(
      names.slice(0, 7).map(() => ({ ok: true, payload: 2 })),
    );
  });

  it('of one function are one when a burst is over', async () => {
    const { value, pool } = start({}, { burstMs: 200 });
    await Promise.all([1, 2, 3].map(() => value({ do: 'wait', ms: 100 })));
    await vi.waitFor(() => expect(pool.size).toBe(1));
    expect(await value({ do: 'echo', value: 'still there' })).toBe('still there');
  });

  it('end when they have been idle for long', async () => {
    const { value, pool } = start({}, { idleMs: 100 });
    await value({ do: 'echo' });
    await vi.waitFor(() => expect(pool.size).toBe(0));
  });

  it('take new code after a reload, and finish what they have begun with the old', async () => {
    const { value, pool } = start();
    await value({ do: 'count' });
    const begun = value({ do: 'wait', ms: 200 });
    pool.reload();
    expect(await value({ do: 'count' })).toBe(1);
    expect(await begun).toBe('waited');
  });

  it('end within a second when the pool closes, whatever they do', async () => {
    const { ask, pool } = start({ timeoutMs: 60_000 });
    const endless = ask({ do: 'loop' });
    const long = ask({ do: 'wait', ms: 60_000 });
    await vi.waitFor(() => expect(pool.size).toBe(2));
    const from = performance.now();
    await pool.close();
    expect(performance.now() - from).toBeLessThan(1000);
    expect((await endless).ok).toBe(false);
    expect((await long).ok).toBe(false);
    await expect(ask({ do: 'echo' })).rejects.toThrow('the stack is stopping');
  });
});
