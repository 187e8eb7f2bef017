import './guard.ts';
import { readFileSync } from 'node:fs';
import { answerWith, cutConnections, servedPort } from './authorizer.ts';
import { endpointOf, writeEndpointFile } from './endpoint-file.ts';
import { keepHeapsTight } from './heaps.ts';
import { httpApiOf } from './http/api.ts';
import { HttpFront } from './http/front.ts';
import { JwtVerifier } from './http/jwt.ts';
import { type LocalAws, startLocalAws } from './local-aws.ts';
import { probePort } from './ports.ts';
import { type LocalSettings, readSettings } from './settings.ts';
import { lockStateFolder } from './state-folder.ts';
import type { Template } from './template/template.ts';
import { watchSources } from './watch.ts';

export interface RunOptions {
  readonly template: () => Promise<Template>;
  readonly stackName: string;
  readonly region: string;
  /** The project's folder. */
  readonly root: string;
}

/** The stack under a running `serverless offline`. */
export interface RunningStack {
  /** Where serverless-offline is to listen; 0 for any free port. */
  readonly httpPort: number;
  /** To be called when requests are answered: tells the person at the terminal. */
  ready(): void;
  /** Ends everything; serverless-offline ends the process afterwards. */
  stop(): Promise<void>;
}

const account = '000000000000';

/** How long requests under way may go on after the signal to stop, in milliseconds. */
const graceMs = 200;

/** After this the process ends however far it is: what was acknowledged is on disk at any time. */
const longestStopMs = 800;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Starts the stack for `serverless offline`. What is wrong is said in one sentence, and the process ends. */
export async function runStack(options: RunOptions): Promise<RunningStack> {
  try {
    return await start(options);
  } catch (error) {
    const unexpected = error instanceof TypeError || error instanceof ReferenceError;
    process.stderr.write(`${unexpected ? error.stack : (error as Error).message}\n`);
    process.exit(1);
  }
}

async function start({ template, stackName, region, root }: RunOptions): Promise<RunningStack> {
  const settings = readSettings(process.env, root);
  const { port: httpPort } = settings;
  await probePort(httpPort, 'PORT');
  await probePort(settings.gatewayPort ?? 0, 'GATEWAY_PORT');
  const unlock = lockStateFolder(settings.stateDir);
  process.once('exit', unlock);
  const { templateFile } = settings;
  const compiled = templateFile ? readTemplate(templateFile) : await template();
  const aws = await startLocalAws({
    ...settings,
    template: compiled,
    stackName,
    region,
    account,
    root,
    log: say,
  });
  const front = openFront(aws, settings);
  const watcher = settings.watch ? watchSources(root, () => reload(aws), say) : undefined;
  const unmute = mute();
  endWithParent();
  let removeEndpointFile = () => {};
  return {
    httpPort,
    ready() {
      unmute();
      const api = `http://localhost:${servedPort()}`;
      removeEndpointFile = writeEndpointFile(settings.stateDir, endpointOf(aws, api));
      if (settings.faultFile) say(`Faults of ${settings.faultFile} are on.`);
      say(`AWS at ${aws.endpoint}, state in ${settings.stateDir}, seed ${settings.seed}`);
      say(`ready ${api}`);
      keepHeapsTight();
    },
    async stop() {
      process.once('SIGINT', () => process.exit(1));
      setTimeout(() => process.exit(0), longestStopMs).unref();
      removeEndpointFile();
      watcher?.close();
      await settled(front);
      cutConnections();
      await aws.close();
    },
  };
}

function readTemplate(file: string): Template {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Template;
  } catch (error) {
    throw new Error(`TEMPLATE must be a compiled template: ${(error as Error).message}.`);
  }
}

function openFront(aws: LocalAws, settings: LocalSettings): HttpFront | undefined {
  const { clock, random, region } = aws.context;
  const api = httpApiOf(aws.stack, region, account);
  if (!api) return undefined;
  const front = new HttpFront({
    api,
    pool: aws.pool,
    clock,
    random,
    verifier: new JwtVerifier(aws.endpoint, () => clock.now()),
    onServed: ({ method, path, status, ms }) => {
      if (settings.showLogs) say(`${method} ${path} ${status} ${ms.toFixed(0)} ms`);
    },
  });
  answerWith((request, response) => front.handle(request, response));
  return front;
}

function reload(aws: LocalAws): void {
  aws.pool.reload();
  say('reloaded');
}

/** Waits for the requests under way, but not for long. */
async function settled(front: HttpFront | undefined): Promise<void> {
  const tooLong = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
  await Promise.race([front?.idle(), tooLong]);
}

/** A stack that another program started, with a channel to it, ends when that program has gone. */
function endWithParent(): void {
  if (process.connected) process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}

/** serverless-offline prints a table of routes and addresses that nobody uses here; from now on it can't. */
function mute(): () => void {
  const { log } = console;
  console.log = () => {};
  return () => {
    console.log = log;
  };
}
