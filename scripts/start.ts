import '../offline/guard.ts';
import { enableCompileCache } from 'node:module';
import { resolve } from 'node:path';
import { keepYoungHeapsSmall } from '../offline/heaps.ts';

/**
 * `npm start`: the service with its local AWS, on this machine alone. With --watch, a changed handler is live
 * at once. With --faults FILE, what the file says goes wrong. Everything else on the command line goes to
 * `serverless offline`.
 */
const { argv, env, execve, execPath, platform } = process;

// glibc keeps a pool of memory for each thread, which workers come and go too often for: half the memory. And
// once a picture's memory was given back, it keeps that of the next ones. It reads the settings before the process
// begins, so the process begins again.
if (platform === 'linux' && !env.MALLOC_ARENA_MAX && execve) {
  const settings = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072' };
  execve.call(process, execPath, [execPath, ...argv.slice(1)], { ...env, ...settings });
}

keepYoungHeapsSmall();
// The framework is thousands of files: compiled once, they start in two thirds of the time.
enableCompileCache();

const given = argv.slice(2);
if (given.includes('--watch')) env.WATCH = '1';
const faults = given.indexOf('--faults');
if (faults >= 0) {
  const [, file] = given.splice(faults, 2);
  if (!file) throw new Error('--faults expects a file, as in "npm start -- --faults faults/slow.json".');
  env.FAULTS = resolve(env.INIT_CWD ?? process.cwd(), file);
}
// Lambda's time zone; the framework's own notices would bury the line that counts.
env.TZ = 'UTC';
env.SLS_LOG_LEVEL ??= 'warning';
process.chdir(new URL('..', import.meta.url).pathname);
process.argv = [
  execPath,
  'serverless',
  'offline',
  ...(given.includes('--stage') ? [] : ['--stage', 'local']),
  ...given.filter((argument) => argument !== '--watch'),
];
await import('serverless/bin/serverless.js' as string);
