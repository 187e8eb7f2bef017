import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allIdle, type Background } from './activity.ts';
import { openClock } from './clock-file.ts';
import type { Context, Engine, Stack } from './contract.ts';
import { createDynamoDbEngines } from './dynamodb/engine.ts';
import { faultControl } from './fault/control.ts';
import { Faults, hindsightOf } from './fault/faults.ts';
import { readFaultFile } from './fault/file.ts';
import { createFirehoseEngine } from './firehose/engine.ts';
import { type Gateway, type GatewayOptions, startGateway } from './gateway/gateway.ts';
import { StackPermission } from './gateway/permission/stack-permission.ts';
import { issuerControls } from './issuer/controls.ts';
import { createIssuerEngine } from './issuer/engine.ts';
import { createLambdaEngine } from './lambda/engine.ts';
import { functionsOf } from './lambda/function.ts';
import { FunctionLog } from './lambda/log.ts';
import { WorkerPool } from './lambda/pool.ts';
import { startSchedules } from './lambda/schedules.ts';
import { startEventSources } from './lambda/sources.ts';
import { startTraceDaemon } from './lambda/trace-daemon.ts';
import { createPersonalizeEngine } from './personalize/engine.ts';
import { Random } from './random.ts';
import { createS3Engine } from './s3/engine.ts';
import { createSecretsEngine } from './secrets/engine.ts';
import { createSnsEngine } from './sns/engine.ts';
import { createSqsEngine } from './sqs/engine.ts';
import { createStatesEngine } from './states/engine.ts';
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
  /** What goes wrong from the start: a file as docs/local-aws.md describes it. */
  readonly faultFile?: string | undefined;
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
  /** Resolves once no event is under way and nothing is on its way from one service to another. */
  idle(): Promise<void>;
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
    const clock = openClock(stateDir);
    closing.push(() => clock.stop());
    const random = new Random(options.seed);
    const show = options.log ?? (() => {});
    const log = new FunctionLog(join(stateDir, 'functions.log'), show, options.showLogs ?? false);
    closing.push(() => log.close());
    const traces = await startTraceDaemon(join(stateDir, 'traces.jsonl'));
    closing.push(() => traces.close());

    const permission = new StackPermission({ ...options, clock, log: show });
    const rules = options.faultFile ? readFaultFile(options.faultFile) : [];
    const hindsightMs = hindsightOf(rules);
    const fault = new Faults({
      clock,
      seed: options.seed,
      hindsightMs,
      crash: (functionName) => pool.crash(functionName),
    });
    const gateway = await openGateway(options, { clock, random, permission, fault, hindsightMs });
    gateway.control('/_afterparty/faults', faultControl(fault));
    const { endpoint, context } = gateway;
    const engines: Engine[] = [];
    closing.push(() => Promise.all(engines.map((engine) => engine.close())));
    closing.push(() => gateway.close());
    const stack = resolveStack(options.template, { ...options, endpoint });
    permission.govern(stack);
    fault.govern(stack);
    fault.set(rules);
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
    for (const engine of createEngines(gateway, stack, pool, permission)) {
      gateway.register(engine);
      engines.push(engine);
    }
    // Before the workers end: what ends with them must not count as failed tasks of machines or transformations.
    const waiting = engines.filter(({ service }) => service === 'states' || service === 'firehose');
    closing.push(() => Promise.all(waiting.map((engine) => engine.close())));
    const sources = startEventSources(context, stack);
    closing.push(() => sources.close());
    const schedules = startSchedules(context, stack);
    closing.push(() => schedules.close());

    const background = [pool, sources, schedules, ...engines.filter(isBackground)];
    const idle = () => allIdle(background);
    gateway.control('/_afterparty/idle', idle);
    gateway.control('/_afterparty/workers', () => ({ workers: pool.size }));
    return { endpoint, context, gateway, stack, pool, idle, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function* createEngines(
  gateway: Gateway,
  stack: Stack,
  pool: WorkerPool,
  permission: StackPermission,
): Generator<Engine> {
  const { context } = gateway;
  const issuer = createIssuerEngine(context, stack);
  for (const [path, handler] of Object.entries(issuerControls(issuer))) gateway.control(path, handler);
  yield issuer;
  yield createSecretsEngine(context, stack);
  yield createSqsEngine(context, stack);
  yield createSnsEngine(context, stack);
  yield createS3Engine(context, stack, (call) => permission.mayList(call));
  yield* createDynamoDbEngines(context, stack);
  yield createLambdaEngine(context, stack, pool);
  const personalize = createPersonalizeEngine(context, stack);
  gateway.control('/_afterparty/attributed', () => ({ metrics: personalize.attributed() }));
  yield personalize;
  const states = createStatesEngine(context, stack);
  gateway.control('/_afterparty/executions', () => ({ executions: states.executions() }));
  yield states;
  const firehose = createFirehoseEngine(context, stack);
  gateway.control('/_afterparty/firehose', async ({ method }) => {
    if (method === 'POST') await firehose.flush();
    return { streams: firehose.streams() };
  });
  yield firehose;
}

function isBackground(engine: Engine): engine is Engine & Background {
  return 'idle' in engine;
}

/** Queue URLs, tokens and signed URLs name the gateway: they outlive a restart if its port stays the same. */
async function openGateway(
  options: LocalAwsOptions,
  stages: Pick<GatewayOptions, 'clock' | 'random' | 'permission' | 'fault' | 'hindsightMs'>,
): Promise<Gateway> {
  const { stateDir, region, account, recordFile, log } = options;
  const start = (port: number) =>
    startGateway({
      port,
      region,
      account,
      stateDir,
      ...stages,
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
