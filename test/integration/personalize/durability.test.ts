import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateDataDeletionJobCommand,
  CreateDatasetImportJobCommand,
  DescribeDatasetImportJobCommand,
} from '@aws-sdk/client-personalize';
import { PutEventsCommand } from '@aws-sdk/client-personalize-events';
import { GetRecommendationsCommand } from '@aws-sdk/client-personalize-runtime';
import { afterEach, expect, test } from 'vitest';
import { Clock } from '../../../offline/clock.ts';
import {
  arnOf,
  dataRole,
  interactionsCsv,
  type Personalized,
  startPersonalize,
} from '../../support/personalize.ts';
import { deploy, importFile, importWorld, trainVersion, world } from '../../support/trained.ts';

const stands: Personalized[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const stand of stands.splice(0)) await stand.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'afterparty-'));
  folders.push(made);
  return made;
}

/** Starts on a copy of the state as a kill would leave it: what is in the files, and no more. */
function killed(stateDir: string): string {
  const copy = folder();
  cpSync(stateDir, copy, { recursive: true });
  return copy;
}

async function start(stateDir: string, ms = 0): Promise<Personalized> {
  const stand = await startPersonalize(undefined, { stateDir, clock: new Clock(ms) });
  stands.push(stand);
  return stand;
}

const ids = async ({ runtime }: Personalized, campaignArn: string, userId: string) =>
  (await runtime.send(new GetRecommendationsCommand({ campaignArn, userId }))).itemList?.map(
    ({ itemId }) => itemId as string,
  ) ?? [];

test('campaigns answer and events count after a kill as before', async () => {
  const stateDir = folder();
  const first = await start(stateDir);
  await importWorld(first);
  const campaignArn = await deploy(first, 'user-personalization-v2');
  const [item = ''] = await ids(first, campaignArn, 'person-1');
  await first.events.send(
    new PutEventsCommand({
      ...{ trackingId: first.trackingId, sessionId: 's', userId: 'person-1' },
      eventList: [{ eventType: 'like', sentAt: new Date(first.clock.now()), itemId: item }],
    }),
  );
  const before = await ids(first, campaignArn, 'person-1');
  expect(before.slice(0, 20)).not.toContain(item);
  const ahead = first.clock.now() - Date.now();
  for (let kill = 0; kill < 2; kill += 1) {
    const second = await start(killed(stateDir), ahead);
    expect(await ids(second, campaignArn, 'person-1')).toEqual(before);
    expect(second.trackingId).toBe(first.trackingId);
  }
});

test('a job that a kill ended is done after the next start', async () => {
  const stateDir = folder();
  const first = await start(stateDir);
  await first.upload('interactions.csv', interactionsCsv(world));
  const { datasetImportJobArn } = await first.control.send(
    new CreateDatasetImportJobCommand({
      ...{ jobName: 'cut', datasetArn: arnOf('dataset/photos/INTERACTIONS'), roleArn: dataRole },
      dataSource: { dataLocation: 's3://data/interactions.csv' },
    }),
  );
  const copy = killed(stateDir);
  const second = await start(copy);
  await second.settle();
  const { datasetImportJob } = await second.control.send(
    new DescribeDatasetImportJobCommand({ datasetImportJobArn }),
  );
  expect(datasetImportJob?.status).toBe('ACTIVE');
  expect((await trainVersion(second, 'popularity-count'))?.status).toBe('ACTIVE');
});

test('half an import is none', async () => {
  const stateDir = folder();
  const first = await start(stateDir);
  await first.upload('interactions.csv', interactionsCsv(world));
  await importFile(first, 'INTERACTIONS', 'interactions.csv');
  const copy = killed(stateDir);
  const file = join(copy, 'personalize', 'photos.jsonl');
  const text = readFileSync(file, 'utf8');
  truncateSync(file, Buffer.byteLength(text.slice(0, text.lastIndexOf('{"imported"'))));
  const second = await start(copy);
  expect((await trainVersion(second, 'popularity-count'))?.failureReason).toMatch(/got 0 and 0/);
});

/** The bytes of the model that the people who are there give. */
async function modelWith(csv: string, gone: readonly string[]): Promise<Buffer> {
  const stateDir = folder();
  const clock = Date.UTC(2030, 0, 1) - Date.now();
  const stand = await start(stateDir, clock);
  await stand.upload('interactions.csv', csv);
  await importFile(stand, 'INTERACTIONS', 'interactions.csv');
  if (gone.length > 0) {
    await stand.upload('gone.csv', ['USER_ID', ...gone, ''].join('\n'));
    await stand.control.send(
      new CreateDataDeletionJobCommand({
        ...{ jobName: 'gone', datasetGroupArn: arnOf('dataset-group/photos'), roleArn: dataRole },
        dataSource: { dataLocation: 's3://data/gone.csv' },
      }),
    );
    await stand.settle();
    const kept = readFileSync(join(stateDir, 'personalize', 'photos.jsonl'), 'utf8');
    for (const person of gone) expect(kept).not.toContain(`"${person}"`);
  }
  const version = await trainVersion(stand, 'user-personalization-v2', 'model');
  const id = version?.solutionVersionArn?.split('/').at(-1);
  return readFileSync(join(stateDir, 'personalize', 'models', `model-${id}.model`));
}

test('what is learnt after a deletion is what would have been learnt without these people', async () => {
  const csv = interactionsCsv(world);
  const gone = ['person-3', 'person-30'];
  const without = csv
    .split('\n')
    .filter((row) => !gone.some((person) => row.startsWith(`${person},`)))
    .join('\n');
  const deleted = await modelWith(csv, gone);
  expect(deleted.equals(await modelWith(without, []))).toBe(true);
  expect(deleted.equals(await modelWith(csv, []))).toBe(false);
});
