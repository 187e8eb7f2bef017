import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `npm run conformance`: the checks of the local AWS through the SDK's real clients and, where they are installed,
 * the AWS command line, rclone and s3cmd; counted by service. Ends with 1 where one fails.
 */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const SUITES: Readonly<Record<string, string>> = {
  s3: 'S3',
  dynamodb: 'DynamoDB',
  sqs: 'SQS',
  sns: 'SNS',
  sources: 'event source mappings, schedules',
  issuer: 'Cognito',
  states: 'Step Functions',
  firehose: 'Firehose',
  personalize: 'Personalize',
  gateway: 'identity, protocols, faults, command-line clients',
  permission: 'permissions',
};
const ROOT = new URL('..', import.meta.url).pathname;

const folder = await mkdtemp(join(tmpdir(), 'afterparty-conformance-'));
try {
  process.exitCode = await count();
} finally {
  await rm(folder, { recursive: true });
}

async function count(): Promise<number> {
  const file = join(folder, 'report.json');
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const suites = Object.keys(SUITES).map((name) => `test/integration/${name}/`);
  const args = [
    vitest,
    'run',
    '--project',
    'integration',
    '--reporter=json',
    `--outputFile=${file}`,
    ...suites,
  ];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  await new Promise((resolve) => child.once('exit', resolve));
  const { testResults } = JSON.parse(await readFile(file, 'utf8')) as Report;
  const all = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map((result) => ({
      ...result,
      suite: name.split('/test/integration/')[1]?.split('/')[0],
    })),
  );
  const line = (title: string, of: typeof all) => {
    const counts = ['passed', 'failed', 'pending'].map(
      (status) => of.filter((one) => one.status === status).length,
    );
    console.log(title.padEnd(50), ...counts.map((number) => String(number).padStart(8)));
  };
  console.log(''.padEnd(50), '  passed', '  failed', ' skipped');
  for (const [suite, title] of Object.entries(SUITES))
    line(
      title,
      all.filter((one) => one.suite === suite),
    );
  line('in all', all);
  const notPassed = all.filter(({ status }) => status !== 'passed');
  for (const { status, fullName } of notPassed) console.log(`${status}: ${fullName}`);
  return all.some(({ status }) => status === 'failed') || all.length === 0 ? 1 : 0;
}
