import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Stack } from '../offline/contract.ts';
import { impliedNeeds } from '../offline/gateway/permission/implied-needs.ts';
import { Policies } from '../offline/gateway/permission/policies.ts';
import { type Grant, type Needed, usageOf } from '../offline/gateway/permission/usage.ts';
import type { RecordedCall } from '../offline/gateway/record.ts';
import { resolveStack } from '../offline/template/resolve.ts';
import { compiledTemplate } from './template.ts';

const PLACE = { region: 'eu-west-1', account: '000000000000' };

/**
 * `npm run permissions -- FILE...`: what of the service's permissions a run has used, from the records that
 * `RECORD_FILE=calls.jsonl npm start` writes. Ends with 1 if it names anything: a permission that nothing
 * needed, or a call that nothing allows.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { stage: { type: 'string', default: 'local' } },
  });
  if (positionals.length === 0) {
    throw new Error('Expected records of calls, as in "RECORD_FILE=calls.jsonl npm start".');
  }
  const stack = await stackOf(values.stage);
  const needed: Needed[] = impliedNeeds(stack, PLACE.region, PLACE.account);
  for (const file of positionals) needed.push(...(await recordedNeeds(file)));
  const { grants, unallowed } = usageOf(needed, new Policies(stack), stack);

  printTable(grants);
  const superfluous = grants.filter(({ alone, implied }) => alone === 0 && implied.size === 0);
  print('Permissions that nothing needed:', superfluous.map(describe));
  print(
    'Calls that nothing allows:',
    unallowed.map(
      ({ principal, action, resource, count }) => `${principal}: ${action} on ${resource}, ${count} times`,
    ),
  );
  process.exitCode = superfluous.length + unallowed.length > 0 ? 1 : 0;
}

/** The stack as it would deploy, from the service's own template. */
async function stackOf(stage: string): Promise<Stack> {
  return resolveStack(await compiledTemplate(stage), {
    stackName: `afterparty-${stage}`,
    ...PLACE,
    endpoint: 'http://127.0.0.1',
  });
}

async function recordedNeeds(file: string): Promise<Needed[]> {
  const needed: Needed[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { principal, needs } = JSON.parse(line) as RecordedCall;
    needed.push(...needs.map((need) => ({ principal, need })));
  }
  return needed;
}

function printTable(grants: readonly Grant[]): void {
  const rows = grants.map(({ holder, action, resource, used, alone, implied }) => [
    holder,
    action,
    resource,
    used > 0 ? String(used) : '',
    alone > 0 ? String(alone) : '',
    [...implied].join(', '),
  ]);
  const head = ['of', 'action', 'on', 'used', 'only by it', 'needed by AWS for'];
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0), title.length),
  );
  for (const row of [head, ...rows]) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

function describe({ holder, action, resource, used }: Grant): string {
  const why = used > 0 ? `, used ${used} times, but another statement allows that too` : '';
  return `${holder}: ${action} on ${resource}${why}`;
}

function print(title: string, lines: readonly string[]): void {
  if (lines.length > 0) console.log(`\n${title}\n${lines.map((line) => `  ${line}`).join('\n')}`);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
