import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { RecordedCall } from '../offline/gateway/record.ts';
import { packService } from '../test/support/packaged.ts';
import { refusalOf, refused, stackOf, wouldRefuse } from './mutations/judge.ts';
import { type Mutant, mutantsOf } from './mutations/mutants.ts';
import { compiledTemplate } from './template.ts';

/**
 * `npm run permissions:mutate [-- --only PhotosRole --only PeopleRole]`: takes each action that the template allows away, one at a
 * time, and runs the end-to-end tests that use it. They have to fail, and AccessDenied has to be why; or the
 * stack has to refuse to start. Prints a table, and ends with 1 where a permission wasn't missed by anybody.
 */
interface Baseline {
  readonly file: string;
  readonly seconds: number;
  readonly calls: readonly RecordedCall[];
}

interface Run {
  readonly failed: boolean;
  readonly seconds: number;
  readonly calls: RecordedCall[];
}

const ROOT = new URL('..', import.meta.url).pathname;
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
/** These run many stacks of their own, or nothing that a role may. */
const LEFT_OUT = new Set(['crash.test.ts', 'faults.test.ts', 'permissions.test.ts']);
/** With a permission missing, some tests wait for what never comes. */
const PATIENCE_MS = 20_000;

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
const folder = await mkdtemp(join(tmpdir(), 'afterparty-mutations-'));
const packaged = await packService();
try {
  process.exitCode = await mutate();
} finally {
  await rm(folder, { recursive: true });
  await rm(packaged, { recursive: true });
}

async function mutate(): Promise<number> {
  const template = await compiledTemplate('local', ['logLevel=INFO']);
  const mutants = [...mutantsOf(template)].filter(({ of }) => values.only?.includes(of) ?? true);
  const baselines = await recordBaselines();
  let survivors = 0;
  for (const mutant of mutants) {
    const verdict = await verdictOn(mutant, baselines);
    if (verdict.startsWith('SURVIVED')) survivors++;
    console.log([mutant.of.padEnd(34), mutant.action.padEnd(30), mutant.on.padEnd(44), verdict].join(' '));
  }
  console.log(`\n${mutants.length} permissions, ${survivors} of them missed by nobody`);
  return survivors > 0 ? 1 : 0;
}

/** What each file of tests calls, and how long it takes; the quickest first. */
async function recordBaselines(): Promise<Baseline[]> {
  const files = (await readdir(join(ROOT, 'test/e2e'))).filter((name) => !LEFT_OUT.has(name));
  const baselines: Baseline[] = [];
  for (const file of files) {
    const { failed, seconds, calls } = await run(file, {});
    if (failed) throw new Error(`${file} fails with all permissions there.`);
    baselines.push({ file, seconds, calls });
  }
  return baselines.sort((a, b) => a.seconds - b.seconds);
}

async function verdictOn({ template, action }: Mutant, baselines: readonly Baseline[]): Promise<string> {
  const stack = stackOf(template);
  const refusal = refusalOf(stack);
  if (refusal !== undefined) return `the stack does not start: ${refusal.split('. To allow')[0]}`;
  const users = baselines.filter(({ calls }) => wouldRefuse(stack, calls));
  if (users.length === 0) return 'SURVIVED: no test uses it';
  const file = join(folder, 'template.json');
  await writeFile(file, JSON.stringify(template));
  for (const { file: tests } of users) {
    const { failed, calls, seconds } = await run(tests, { TEMPLATE: file });
    if (failed && refused(calls, action)) return `AccessDenied fails ${tests} after ${seconds.toFixed(0)} s`;
  }
  return `SURVIVED: ${users.map(({ file: tests }) => tests).join(', ')} use it and do not miss it`;
}

/** Runs one file of tests against the packed service, to the first that fails. */
async function run(tests: string, env: Readonly<Record<string, string>>): Promise<Run> {
  const record = join(folder, 'calls.jsonl');
  await rm(record, { force: true });
  const from = performance.now();
  const timeouts = [`--testTimeout=${PATIENCE_MS}`, `--hookTimeout=${PATIENCE_MS}`];
  const child = spawn(
    process.execPath,
    [VITEST, 'run', '--project', 'e2e', '--bail', '1', ...timeouts, `test/e2e/${tests}`],
    {
      cwd: ROOT,
      stdio: 'ignore',
      env: { ...process.env, ...env, RECORD_FILE: record, AFTERPARTY_PACKAGED: packaged },
    },
  );
  const code = await new Promise((resolve) => child.once('exit', resolve));
  const lines = (await readFile(record, 'utf8')).trim().split('\n');
  return {
    failed: code !== 0,
    seconds: (performance.now() - from) / 1000,
    calls: lines.map((line) => JSON.parse(line) as RecordedCall),
  };
}
