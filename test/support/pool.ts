import { fileURLToPath } from 'node:url';
import { Clock } from '../../offline/clock.ts';
import type { LambdaFunction } from '../../offline/lambda/function.ts';
import { type PoolSettings, WorkerPool } from '../../offline/lambda/pool.ts';
import { Random } from '../../offline/random.ts';

/** A function of the fixture service. */
export function fixtureFunction(changes: Partial<LambdaFunction> = {}): LambdaFunction {
  return {
    key: 'probe',
    name: 'fixture-local-probe',
    arn: 'arn:aws:lambda:eu-west-1:000000000000:function:fixture-local-probe',
    handler: 'functions/probe.handler',
    runtime: 'nodejs24.x',
    timeoutMs: 5000,
    memoryMb: 256,
    logGroup: '/fixture/local/api',
    environment: { STAGE: 'local' },
    ...changes,
  };
}

/** A pool over functions of the fixture service, and what their handlers wrote. */
export function fixturePool(functions: readonly LambdaFunction[], settings: Partial<PoolSettings> = {}) {
  const clock = new Clock();
  const lines: { functionName: string; line: string; requestId: string | undefined }[] = [];
  const pool = new WorkerPool({
    functions,
    clock,
    random: new Random(1),
    root: fileURLToPath(new URL('./fixture-service', import.meta.url)),
    region: 'eu-west-1',
    endpoint: 'http://127.0.0.1:4566',
    traceDaemon: '127.0.0.1:2000',
    keyOf: ({ name }) => ({
      accessKeyId: `ASIA-${name}`,
      secretAccessKey: 'secret',
      sessionToken: 'session-token',
    }),
    onLine: ({ name }, line, requestId) => lines.push({ functionName: name, line, requestId }),
    ...settings,
  });
  return { pool, clock, lines };
}
