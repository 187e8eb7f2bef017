import { parseArgs } from 'node:util';
import { readEndpointFile, type StackEndpoint } from '../offline/endpoint-file.ts';
import { signIn } from '../offline/issuer/people.ts';
import { readSettings } from '../offline/settings.ts';

/**
 * `npm run --silent token -- alice`: prints an access token of the running stack for a user of that name, who
 * is created on first use; `--id` prints the ID token instead.
 */
async function main(): Promise<void> {
  const { name, id } = readArguments();
  const stack = runningStack();
  const { accessToken, idToken, passwordReplaced } = await signIn(stack, name).catch((error) => {
    throw isRefused(error) ? nothingRuns() : error;
  });
  if (passwordReplaced) {
    process.stderr.write(`${name} had a password of another origin; it was replaced to sign in here.\n`);
  }
  process.stdout.write(`${id ? idToken : accessToken}\n`);
}

function readArguments(): { name: string; id: boolean } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { id: { type: 'boolean', default: false } },
  });
  const [name, ...more] = positionals;
  if (!name || more.length > 0) {
    throw new Error(
      `Expected one name, as in "npm run --silent token -- alice", received ${positionals.length}.`,
    );
  }
  return { name, id: values.id };
}

function runningStack(): StackEndpoint {
  const endpoint = readEndpointFile(stateDir());
  if (!endpoint) throw nothingRuns();
  return endpoint;
}

function stateDir(): string {
  return readSettings(process.env, new URL('..', import.meta.url).pathname).stateDir;
}

function nothingRuns(): Error {
  return new Error(`No stack runs with its state in ${stateDir()}: start one with "npm start".`);
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
}

await main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
