import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readEndpointFile, type StackEndpoint } from '../../offline/endpoint-file.ts';
import { probePort } from '../../offline/ports.ts';
import { readSettings } from '../../offline/settings.ts';
import { stateHolder } from '../../offline/state-folder.ts';

export interface DemoStack {
  readonly endpoint: StackEndpoint;
  /** The process that holds it. */
  readonly pid: number;
  stop(): Promise<void>;
}

export interface RestartableStack extends DemoStack {
  /** Ends it and starts it again where it was, with other arguments. */
  restart(...args: readonly string[]): Promise<void>;
}

const START = new URL('../start.ts', import.meta.url).pathname;
const ROOT = new URL('../..', import.meta.url).pathname;

/** The stack that runs with the usual state folder, or one on free ports that is gone after `stop`. */
export async function demoStack(): Promise<DemoStack> {
  const { stateDir } = readSettings(process.env, ROOT);
  const endpoint = readEndpointFile(stateDir);
  const pid = stateHolder(stateDir);
  if (endpoint && pid && (await answers(endpoint.api))) return { endpoint, pid, stop: async () => {} };
  return startedStack();
}

/** A stack on free ports, with arguments as `npm start` takes them, that is gone after `stop`. */
export async function startedStack(...args: readonly string[]): Promise<RestartableStack> {
  const stateDir = await mkdtemp(join(tmpdir(), 'afterparty-demo-'));
  const port = String(await probePort(0, 'PORT'));
  let run = await started(stateDir, port, args);
  return {
    endpoint: run.endpoint,
    get pid() {
      return run.pid;
    },
    async restart(...others) {
      await run.end();
      run = await started(stateDir, port, others);
    },
    async stop() {
      await run.end();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

async function started(stateDir: string, port: string, args: readonly string[]) {
  const child = spawn(process.execPath, [START, ...args], {
    env: { ...process.env, PORT: port, STATE_DIR: stateDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const end = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  const ready = (async () => {
    for await (const line of createInterface({ input: child.stdout }))
      if (line.startsWith('ready ')) return true;
    return false;
  })();
  const endpoint = (await ready) && readEndpointFile(stateDir);
  if (endpoint) return { endpoint, pid: child.pid as number, end };
  await end();
  throw new Error('The stack did not start; see above.');
}

async function answers(api: string): Promise<boolean> {
  return fetch(`${api}/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}
