import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Context, Stack } from '../../offline/contract.ts';
import { readEndpointFile, type StackEndpoint } from '../../offline/endpoint-file.ts';
import type { FaultReport } from '../../offline/fault/faults.ts';
import type { StreamReport } from '../../offline/firehose/engine.ts';
import type { RecordedCall } from '../../offline/gateway/record.ts';
import type { Attributed } from '../../offline/personalize/attribution.ts';
import { resolveStack } from '../../offline/template/resolve.ts';
import type { TemplateResource } from '../../offline/template/template.ts';

/** The stack `test` with these resources, its intrinsic functions resolved as at `npm start`. */
export function stackOf(
  context: Pick<Context, 'region' | 'account' | 'endpoint'>,
  resources: Readonly<Record<string, TemplateResource>>,
): Stack {
  const { region, account, endpoint } = context;
  return resolveStack({ Resources: resources }, { stackName: 'test', region, account, endpoint });
}

export interface StackOptions {
  /** Packed bundles to run instead of the sources: one sub-folder a function. */
  readonly bundles?: string;
  /** State to start from and to leave behind; left out, a folder of its own that is gone after `stop`. */
  readonly stateDir?: string;
  /** Further settings, such as `SEED` or `WATCH`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further arguments of `npm start`, such as `--param=logLevel=INFO`. */
  readonly args?: readonly string[];
  /** The project's folder, if it is a copy. */
  readonly root?: string;
}

/** One execution, as the control door tells of it. */
export interface ExecutionReport {
  readonly machine: string;
  readonly name: string;
  readonly status: string;
  readonly error?: string;
  readonly input: string;
  readonly path: readonly { readonly state: string; readonly event: string; readonly error?: string }[];
}

/** A running service and the controls of its local AWS. */
export interface ReachedStack {
  /** Where the API of the product answers. */
  readonly baseUrl: string;
  /** Where AWS answers. */
  readonly endpoint: string;
  readonly stateDir: string;
  /** User pool, client and the developer's key: what signing in needs. */
  readonly place: StackEndpoint;
  /** For clients of the AWS SDK, as the developer. */
  readonly clientConfig: {
    readonly region: string;
    readonly endpoint: string;
    readonly credentials: StackEndpoint['developer'];
  };
  /** The calls of AWS since the one with the number `after`, oldest first. */
  record(after?: number): Promise<RecordedCall[]>;
  /** Jumps ahead on the stack's clock; what falls due on the way has run afterwards. */
  advance(ms: number): Promise<void>;
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
  /** How many workers there are, busy or idle. */
  workers(): Promise<number>;
  /** What waits in delivery streams, and how many of their objects are not written yet. */
  streams(): Promise<StreamReport[]>;
  /** Lets delivery streams deliver what waits now. */
  flush(): Promise<void>;
  /** What metric attributions of Personalize have counted, by source. */
  attributed(): Promise<Attributed[]>;
  /** The executions of state machines, oldest first, and the way they went. */
  executions(): Promise<ExecutionReport[]>;
  /** Lets these faults, as a fault file holds them, happen from now on. */
  startFaults(...faults: readonly object[]): Promise<void>;
  /** How often each fault has been met so far, by name. */
  metFaults(): Promise<Map<string, number>>;
  /** Ends all faults. Answers how often each was met, by name. */
  endFaults(): Promise<Map<string, number>>;
}

/** The whole service as `npm start` runs it, in a process of its own. */
export interface RunningStack extends ReachedStack {
  readonly pid: number;
  /** Every line that it has printed. */
  readonly lines: readonly string[];
  /** Ends it as Ctrl-C does, or as `signal` says. Returns its exit code, null after a kill. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const projectRoot = join(import.meta.dirname, '..', '..');

/** Starts the service on free ports. Rejects with what it printed when it does not come up. */
export async function startStack(options: StackOptions = {}): Promise<RunningStack> {
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), 'afterparty-stack-')));
  const script = join(options.root ?? projectRoot, 'scripts', 'start.ts');
  const child = spawn(process.execPath, [script, ...(options.args ?? [])], {
    // Nothing of this process's own settings: handlers must not need them.
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      MALLOC_ARENA_MAX: '2',
      MALLOC_MMAP_THRESHOLD_: '131072',
      PORT: '0',
      STATE_DIR: stateDir,
      ...(options.bundles && { BUNDLES: options.bundles }),
      // A run that is to be recorded is recorded whole: every stack of it appends to the same file.
      ...(process.env.RECORD_FILE && { RECORD_FILE: process.env.RECORD_FILE }),
      // So that a whole run can be made with other permissions.
      ...(process.env.TEMPLATE && { TEMPLATE: process.env.TEMPLATE }),
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lines: string[] = [];
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (line.startsWith('ready ')) resolve();
      });
    }
    child.once('exit', (code) => {
      reject(new Error(`The stack ended with code ${code} before it was ready:\n${lines.join('\n')}`));
    });
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    const code = await exited;
    if (!options.stateDir) await rm(stateDir, { recursive: true, force: true });
    return code;
  };
  await ready;
  const place = readEndpointFile(stateDir);
  if (!place) throw new Error('The stack is ready and has not said where.');
  return { ...reachStack(place, stateDir), pid: child.pid as number, lines, stop };
}

/** The controls of a stack that another process may have started. */
export function reachStack(place: StackEndpoint, stateDir: string): ReachedStack {
  const control = async (path: string, body?: object, method = body ? 'POST' : 'GET') => {
    const response = await fetch(`${place.gateway}/_afterparty/${path}`, {
      method,
      headers: { 'x-afterparty-control': '1' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (response.ok) return answer;
    throw new Error(`${path}: ${answer.message}`);
  };
  const metFaults = async () => {
    const { faults } = (await control('faults')) as { faults: FaultReport[] };
    return new Map(faults.map(({ rule, met }) => [rule.name, met]));
  };
  return {
    baseUrl: place.api,
    endpoint: place.gateway,
    stateDir,
    place,
    clientConfig: { region: 'eu-west-1', endpoint: place.gateway, credentials: place.developer },
    record: async (after = 0) => (await control(`record?after=${after}`)).calls as RecordedCall[],
    advance: async (ms) => void (await control('clock', { advanceMs: ms })),
    idle: async () => void (await control('idle')),
    workers: async () => (await control('workers')).workers as number,
    streams: async () => (await control('firehose')).streams as StreamReport[],
    flush: async () => void (await control('firehose', {})),
    attributed: async () => (await control('attributed')).metrics as Attributed[],
    executions: async () => (await control('executions')).executions as ExecutionReport[],
    startFaults: async (...faults) => void (await control('faults', { faults })),
    metFaults,
    endFaults: async () => {
      const met = await metFaults();
      await control('faults', undefined, 'DELETE');
      return met;
    },
  };
}
