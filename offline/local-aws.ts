import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Clock } from './clock.ts';
import type { Context, Engine, Stack } from './contract.ts';
import { createDynamoDbEngines } from './dynamodb/engine.ts';
import { type Gateway, startGateway } from './gateway/gateway.ts';
import { issuerControls } from './issuer/controls.ts';
import { createIssuerEngine } from './issuer/engine.ts';
import { functionsOf } from './lambda/function.ts';
import { FunctionLog } from './lambda/log.ts';
import { WorkerPool } from './lambda/pool.ts';
import { startTraceDaemon } from './lambda/trace-daemon.ts';
import { Random } from './random.ts';
import { createSqsEngine } from './sqs/engine.ts';
import { resolveStack } from './template/resolve.ts';
import type { Template } from './template/template.ts';

export interface LocalAwsOptions {
  /** The compiled template of the service. */
  readonly template: Template;
  /** For example `afterparty-local`. */
  readonly stackName: string;
  /** The project's folder, which holds the handlers' sources. */
  readonly root: string;
  /** Packed bundles to run instead of the sources: one sub-folder a function. */
  readonly bundles?: string | undefined;
  /** The folder that keeps state; nobody else may be using it. */
  readonly stateDir: string;
  /** Left out, the port of the last time is taken again if it is free, else any. */
  readonly gatewayPort?: number | undefined;
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  readonly seed: number;
  /** Values for the template's parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Every call is appended to it as a JSON line. */
  readonly recordFile?: string | undefined;
  /** Whether everything that handlers write is shown, not only what failed. */
  readonly showLogs?: boolean;
  /** One line for the person at the terminal. */
  readonly log?: (line: string) => void;
}

/** A running stack: its services behind the gateway, its functions in their workers. */
export interface LocalAws {
  /** The gateway's address. */
  readonly endpoint: string;
  readonly context: Context;
  readonly gateway: Gateway;
  readonly stack: Stack;
  readonly pool: WorkerPool;
  /** Ends everything within a second. What was acknowledged is on disk already. */
  close(): Promise<void>;
}

/**
 * Starts a stack from its template: the gateway first, as queue URLs name it, then the services with what
 * the template declares, then the workers, and last what wakes functions by itself.
 * @throws where the template can't be resolved or declares what an engine refuses; nothing is left running
 */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const { stateDir } = options;
  const closing: (() => unknown)[] = [];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const clock = new Clock();
    closing.push(() => clock.stop());
    const random = new Random(options.seed);
    const show = options.log ?? (() => {});
    const log = new FunctionLog(join(stateDir, 'functions.log'), show, options.showLogs ?? false);
    closing.push(() => log.close());
    const traces = await startTraceDaemon(join(stateDir, 'traces.jsonl'));
    closing.push(() => traces.close());

    const gateway = await openGateway(options, clock, random);
    const { endpoint, context } = gateway;
    const stack = resolveStack(options.template, { ...options, endpoint });
    const engines = createEngines(context, stack, gateway);
    closing.push(() => Promise.all(engines.map((engine) => engine.close())));
    closing.push(() => gateway.close());

    const pool = new WorkerPool({
      ...options,
      clock,
      random,
      endpoint,
      functions: functionsOf(stack),
      traceDaemon: traces.address,
      keyOf: ({ name, arn }) => gateway.credentials.issueKey({ kind: 'function', name, arn }),
      onLine: (lambda, line) => log.write(lambda, line),
      onDone: (lambda, outcome) => log.failed(lambda, outcome),
    });
    closing.push(() => pool.close());
    return { endpoint, context, gateway, stack, pool, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function createEngines(context: Context, stack: Stack, gateway: Gateway): Engine[] {
  const issuer = createIssuerEngine(context, stack);
  const engines = [issuer, createSqsEngine(context, stack), ...createDynamoDbEngines(context, stack)];
  for (const engine of engines) gateway.register(engine);
  for (const [path, handler] of Object.entries(issuerControls(issuer))) gateway.control(path, handler);
  return engines;
}

/** Queue URLs, tokens and signed URLs name the gateway: they outlive a restart if its port stays the same. */
async function openGateway(options: LocalAwsOptions, clock: Clock, random: Random): Promise<Gateway> {
  const { stateDir, region, account, recordFile, log } = options;
  const start = (port: number) =>
    startGateway({
      port,
      region,
      account,
      clock,
      random,
      stateDir,
      ...(recordFile && { recordFile }),
      ...(log && { log }),
    });
  mkdirSync(stateDir, { recursive: true });
  const file = join(stateDir, 'gateway-port');
  const wanted = options.gatewayPort ?? rememberedPort(file);
  const gateway = await start(wanted).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' || options.gatewayPort) throw error;
    return start(0);
  });
  writeFileSync(file, String(gateway.port));
  return gateway;
}

function rememberedPort(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    return 0;
  }
}
