import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DescribeCampaignCommand, PersonalizeClient } from '@aws-sdk/client-personalize';
import { GetRecommendationsCommand, PersonalizeRuntimeClient } from '@aws-sdk/client-personalize-runtime';
import { S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ClickRecord, InteractionRecord } from '../../lib/clicks/click.ts';
import { randomFrom } from '../../lib/recommendations/random.ts';
import { madeUpClicks, madeUpHash } from '../support/made-up-clicks.ts';
import { type RunningStack, startStack } from '../support/stack.ts';
import { clicksFile } from '../support/tastes.ts';

const BUCKET = 'afterparty-local-clicks-000000000000-eu-west-1';
const MACHINE = 'arn:aws:states:eu-west-1:000000000000:stateMachine:afterparty-local-train-recommender';
const ARN = 'arn:aws:personalize:eu-west-1:000000000000';
const campaignArn = `${ARN}:campaign/afterparty-local-recommender`;
const MINUTE_MS = 60_000;

/** A stack of its own: what is trained here would be shown to the people of other tests. */
let stack: RunningStack;
let sfn: SFNClient;
let s3: S3Client;
let personalize: PersonalizeClient;
let runtime: PersonalizeRuntimeClient;
beforeAll(async () => {
  stack = await startStack({
    bundles: join(inject('packaged'), '.build', 'bundles'),
    args: ['--param=personalizeTraining=rate(3 hours)'],
  });
  const config = { ...stack.clientConfig, maxAttempts: 2 };
  sfn = new SFNClient(config);
  s3 = new S3Client({ ...config, forcePathStyle: true });
  personalize = new PersonalizeClient(config);
  runtime = new PersonalizeRuntimeClient(config);
});
afterAll(() => stack.stop());

async function ended(executionArn: string | undefined) {
  for (let minutes = 0; minutes < 60; minutes += 1 / 4) {
    await stack.idle();
    const { status, output, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return { status, error, cause, output: output && JSON.parse(output) };
    await stack.advance(MINUTE_MS / 4);
  }
  throw new Error('The execution has not ended within an hour.');
}

async function trained(input: object = {}) {
  const start = new StartExecutionCommand({ stateMachineArn: MACHINE, input: JSON.stringify(input) });
  return ended((await sfn.send(start)).executionArn);
}

async function deployed(): Promise<string | undefined> {
  const { campaign } = await personalize.send(new DescribeCampaignCommand({ campaignArn }));
  expect(campaign?.status).toBe('ACTIVE');
  return campaign?.solutionVersionArn;
}

let files = 0;

/** Stores records as Firehose does, as having come in just now. */
async function store(records: readonly ClickRecord[]): Promise<void> {
  files += 1;
  const receivedAt = Date.now();
  const key = `clicks/2026/11/26/12/${files}.gz`;
  await s3.send(
    clicksFile(
      BUCKET,
      key,
      records.map((record) => ({ ...record, receivedAt })),
    ),
  );
  await stack.idle();
}

const clicks = madeUpClicks({ people: 300, photos: 80, events: 6_000, answers: 0, seed: 5 });
const interactions = clicks.filter((record) => record.kind === 'interaction');

it('ends well, and trains nothing, while too little has happened', async () => {
  expect(await trained()).toMatchObject({
    status: 'SUCCEEDED',
    output: { outcome: 'not-enough', counted: { interactions: 0, people: 0 } },
  });
});

it('ends with the reason of Personalize where training fails', async () => {
  // Personalize is not told of what is in the clickstream already.
  const resource = 'arn:aws:lambda:eu-west-1:000000000000:function:afterparty-local-learnFromClicks';
  await stack.startFaults({
    ...{ name: 'deaf', service: 'lambda', operation: 'Invoke', resource, effect: { kind: 'throttle' } },
  });
  await store(clicks);
  const { status, error, cause } = await trained();
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'TrainingFailed' });
  expect(cause).toMatch(/CREATE FAILED.*Insufficient data for training/);
  await stack.endFaults();
});

describe('once Personalize knows what people like', () => {
  let first: string | undefined;

  it('trains, and deploys what people can be shown photos by that they have not seen', async () => {
    await stack.advance(15 * MINUTE_MS);
    await stack.idle();
    const { status, output } = await trained();
    expect({ status, output }).toMatchObject({
      status: 'SUCCEEDED',
      output: { outcome: 'deployed', counted: { people: 300, imports: [] } },
    });
    first = await deployed();
    expect(first).toBe(output.solutionVersionArn);
    const [{ person: userId }] = interactions as [InteractionRecord];
    const { itemList = [] } = await runtime.send(
      new GetRecommendationsCommand({
        ...{ campaignArn, userId, numResults: 10 },
        filterArn: `${ARN}:filter/afterparty-local-unseen`,
      }),
    );
    const seen = interactions.filter(({ person }) => person === userId).map(({ photoId }) => photoId);
    expect(itemList).toHaveLength(10);
    expect(itemList.filter(({ itemId = '' }) => seen.includes(itemId))).toEqual([]);
  });

  it('trains again by schedule, and updates the campaign', async () => {
    const executions = async () =>
      (await sfn.send(new ListExecutionsCommand({ stateMachineArn: MACHINE }))).executions ?? [];
    const before = (await executions()).length;
    for (let hours = 0; hours < 3 && (await executions()).length === before; hours += 1) {
      await stack.advance(60 * MINUTE_MS);
      await stack.idle();
    }
    const all = await executions();
    expect(all).toHaveLength(before + 1);
    const { output } = await ended(all[0]?.executionArn);
    expect(output).toMatchObject({ outcome: 'deployed', counted: { imports: [] } });
    expect(output.metrics.deployed.isThere).toBe(true);
    expect(await deployed()).toBe(output.solutionVersionArn);
    expect(output.solutionVersionArn).not.toBe(first);
  }, 120_000);

  it('ends with the reason of Personalize where an import fails, and leaves the campaign', async () => {
    const before = await deployed();
    await stack.startFaults({
      ...{ name: 'unreadable', service: 's3', operation: 'GetObject', caller: 'service:personalize' },
      effect: { kind: 'fail' },
    });
    const { status, error, cause } = await trained({ repair: true });
    await stack.endFaults();
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'ImportFailed' });
    expect(cause).toMatch(/CREATE FAILED.*FailureReason/);
    expect(await deployed()).toBe(before);
  });

  it('imports everything where a repair is asked for', async () => {
    const { status, output } = await trained({ repair: true });
    expect(status).toBe('SUCCEEDED');
    const imports = output.counted.imports.map(({ dataset }: { dataset: string }) => dataset);
    expect(imports).toEqual(['INTERACTIONS', 'ITEMS']);
  });

  it('leaves the campaign as it is where what was trained is worse', async () => {
    const before = await deployed();
    const random = randomFrom(7);
    const photoIds = [...new Set(interactions.map(({ photoId }) => photoId))];
    const noise = Array.from({ length: 3_000 }, (_, at): ClickRecord => {
      const [template] = interactions as [InteractionRecord];
      const photoId = photoIds[Math.floor(random() * photoIds.length)] as string;
      const person = madeUpHash(`anybody ${at % 300}`);
      return { ...template, id: madeUpHash(`noise ${at}`), person, session: person, photoId, at: at * 1_000 };
    });
    await store(noise);
    const { status, output } = await trained();
    expect({ status, output }).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'refused' } });
    expect(output.reasons.length).toBeGreaterThan(0);
    expect(await deployed()).toBe(before);
  });

  it('is taken down by npm run personalize:destroy, and only where --yes is said', async () => {
    const script = join(import.meta.dirname, '..', '..', 'scripts', 'personalize-destroy.ts');
    const destroy = (...args: string[]) =>
      promisify(execFile)(process.execPath, [script, ...args], {
        env: { PATH: process.env.PATH, STATE_DIR: stack.stateDir },
      });
    await expect(destroy()).rejects.toThrow('Nothing was deleted: say --yes to delete all of this.');
    await deployed();
    let isOver = false;
    const destroying = destroy('--yes').finally(() => {
      isOver = true;
    });
    while (!isOver) await stack.advance(1_000);
    const { stdout } = await destroying;
    expect(stdout.split('\n').filter((line) => line.endsWith('is gone'))).toHaveLength(4);
    expect((await destroy('--yes')).stdout).toBe('Nothing of local is there that training made.\n');
  });
});
