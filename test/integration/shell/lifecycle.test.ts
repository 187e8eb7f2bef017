import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { copiedProject } from '../../support/copied-project.ts';
import { signIn } from '../../support/people.ts';
import { type RunningStack, startStack } from '../../support/stack.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** Runs a command of the project to its end. */
async function run(command: string, args: string[], env: Record<string, string>) {
  const child = spawn(command, args, {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

const start = (env: Record<string, string>) =>
  run(process.execPath, ['scripts/start.ts'], { PORT: '0', ...env });
const reset = (stateDir: string) => run(process.execPath, ['scripts/reset.ts'], { STATE_DIR: stateDir });

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'afterparty-shell-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('a running stack', () => {
  let stack: RunningStack;
  let stateDir: string;
  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'afterparty-shell-'));
    stack = await startStack({ stateDir });
  });
  afterAll(async () => {
    await stack.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('says last where it is ready', () => {
    expect(stack.lines.at(-1)).toBe(`ready ${stack.baseUrl}`);
    expect(stack.lines).toHaveLength(2);
  });

  it.skipIf(process.platform !== 'linux')('listens on loopback only', async () => {
    const sockets = await listening(stack.pid);
    expect(sockets.length).toBeGreaterThanOrEqual(2);
    expect(new Set(sockets)).toEqual(new Set(['127.0.0.1']));
  });

  it('keeps its state to itself', async () => {
    const second = await start({ STATE_DIR: stateDir });
    expect(second.code).toBe(1);
    expect(second.output).toBe(
      `The state in ${stateDir} is in use by process ${stack.pid}: stop it, or set STATE_DIR to another folder.\n`,
    );
    const forgotten = await reset(stateDir);
    expect(forgotten.code).toBe(1);
    expect(forgotten.output).toContain(`in use by process ${stack.pid}`);
    expect(existsSync(stateDir)).toBe(true);
  });

  it('lets handlers see its clock', async () => {
    const alice = await signIn(stack.place, 'alice');
    const me = () =>
      fetch(`${stack.baseUrl}/me`, { headers: { authorization: `Bearer ${alice.accessToken}` } });
    expect((await me()).status).toBe(200);
    await stack.advance(2 * 3600_000);
    expect((await me()).status).toBe(401);
  });

  it('ends within a second, and after that or a kill -9 knows people and is found where it was', {
    retry: 2,
    timeout: 120_000,
  }, async () => {
    if (!isAlive(stack.pid)) stack = await startStack({ stateDir });
    const before = await signIn(stack.place, 'bob');
    const { endpoint, baseUrl } = stack;
    const request = fetch(`${baseUrl}/health`).catch(() => undefined);
    const from = performance.now();
    expect(await stack.stop('SIGINT')).toBe(0);
    expect(performance.now() - from).toBeLessThan(1000);
    await request;
    await expect(fetch(`${baseUrl}/health`)).rejects.toThrow();

    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      stack = await startStack({ stateDir });
      expect(stack.endpoint).toBe(endpoint);
      expect((await signIn(stack.place, 'bob')).userId).toBe(before.userId);
      if (signal === 'SIGKILL') await stack.stop(signal);
    }
  });
});

describe('npm', () => {
  it.skipIf(process.platform === 'win32')(
    'run start passes SIGTERM on and leaves nothing running, npm run reset nothing behind',
    async () => {
      const stateDir = await temporaryFolder();
      const npm = spawn('npm', ['start'], {
        cwd: root,
        env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', STATE_DIR: stateDir },
      });
      let output = '';
      npm.stdout.on('data', (chunk) => (output += chunk));
      await vi.waitFor(() => expect(output).toMatch(/^ready /m), { timeout: 60_000 });
      const url = /^ready (\S+)/m.exec(output)?.[1] ?? '';
      const pid = Number(await readFile(join(stateDir, 'lock'), 'utf8'));
      npm.kill('SIGTERM');
      const code = await new Promise((resolve) => npm.once('exit', resolve));
      expect(code).toBe(0);
      expect(isAlive(pid)).toBe(false);
      await expect(fetch(url)).rejects.toThrow();
    },
    90_000,
  );
});

it('says in one sentence that the port is in use, and leaves nothing behind', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as AddressInfo;
  const stateDir = await temporaryFolder();
  const { code, output } = await start({ PORT: String(port), STATE_DIR: stateDir });
  expect(output).toBe(`Port ${port} is in use: stop what listens there, or set PORT.\n`);
  expect(code).toBe(1);
  expect(await readdir(stateDir)).toEqual([]);
});

it('resets no folder that holds something else', async () => {
  const photos = await temporaryFolder();
  await writeFile(join(photos, 'holiday.jpg'), 'x');
  const refused = await reset(photos);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain("doesn't look like a state folder");
  expect(await readdir(photos)).toEqual(['holiday.jpg']);
});

describe('npm run dev', () => {
  it('makes changed handlers and library files live at once', {
    retry: 2,
    timeout: 120_000,
  }, async () => {
    const copy = await copiedProject();
    onTestFinished(() => rm(copy, { recursive: true, force: true }));
    const stack = await startStack({ root: copy, env: { WATCH: '1' } });
    onTestFinished(() => void stack.stop());
    const answer = async () => (await fetch(`${stack.baseUrl}/health`)).text();
    expect(await answer()).toBe('{"status":"ok"}');

    const health = join(copy, 'functions', 'api', 'public', 'index.ts');
    const marked = (mark: string) =>
      `\n{ const { stringify } = JSON; JSON.stringify = ((value: unknown) => stringify(value).replace('"ok', '"${mark}')) as typeof stringify; }\n`;
    for (const [file, mark] of [
      [health, 'handler'],
      [join(copy, 'lib', 'env.ts'), 'library'],
    ] as const) {
      const from = performance.now();
      await appendFile(file, marked(mark));
      await vi.waitFor(async () => expect(await answer()).toContain(mark), { interval: 20, timeout: 10_000 });
      // A tenth of a second on a machine of its own; a cold start takes longer on one that is busy.
      expect(performance.now() - from).toBeLessThan(3000);
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The local addresses that a process listens at, TCP. */
async function listening(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all(
    (await readdir(folder)).map((fd) => readlink(join(folder, fd)).catch(() => '')),
  );
  const own = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')),
  );
  return tables
    .flatMap((table) => table.trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === '0A' && own.has(columns[9]))
    .map((columns) => addressOf(columns[1] as string));
}

/** `0100007F:1F90` is 127.0.0.1; anything of another length is IPv6 and stays as it is. */
function addressOf(entry: string): string {
  const [hex = ''] = entry.split(':');
  return hex.length === 8 ? [...Buffer.from(hex, 'hex')].reverse().join('.') : hex;
}
