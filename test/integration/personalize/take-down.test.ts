import {
  CreateCampaignCommand,
  CreateDatasetImportJobCommand,
  CreateFilterCommand,
  CreateSolutionCommand,
  CreateSolutionVersionCommand,
  DescribeDatasetGroupCommand,
  ListCampaignsCommand,
  ListFiltersCommand,
  ListSolutionsCommand,
} from '@aws-sdk/client-personalize';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TakingDown, takeDown } from '../../../scripts/personalize/take-down.ts';
import { madeUpWorld } from '../../support/made-up-tastes.ts';
import {
  arnOf,
  dataRole,
  interactionsCsv,
  type Personalized,
  photosResources,
  recipeArn,
  startPersonalize,
} from '../../support/personalize.ts';

let stand: Personalized;
let lines: string[];
beforeEach(async () => {
  lines = [];
  stand = await startPersonalize(photosResources);
  const { control } = stand;
  const datasetGroupArn = arnOf('dataset-group/photos');
  await stand.upload(
    'x.csv',
    interactionsCsv(madeUpWorld({ people: 40, photos: 30, events: 1_500, seed: 1 })),
  );
  await control.send(
    new CreateDatasetImportJobCommand({
      ...{ jobName: 'x', datasetArn: arnOf('dataset/photos/INTERACTIONS'), roleArn: dataRole },
      dataSource: { dataLocation: 's3://data/x.csv' },
    }),
  );
  for (const [name, recipe] of [
    ['afterparty-test-recommender', 'user-personalization-v2'],
    ['afterparty-test-popularity', 'popularity-count'],
    ['afterparty-other-recommender', 'popularity-count'],
  ] as const) {
    await control.send(
      new CreateSolutionCommand({
        ...{ name, datasetGroupArn, recipeArn: recipeArn(recipe), performAutoTraining: false },
      }),
    );
  }
  await control.send(
    new CreateFilterCommand({
      ...{ name: 'afterparty-test-unseen', datasetGroupArn },
      filterExpression: 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("view")',
    }),
  );
  await stand.settle();
  const { solutionVersionArn } = await control.send(
    new CreateSolutionVersionCommand({ solutionArn: arnOf('solution/afterparty-test-recommender') }),
  );
  await stand.settle();
  await control.send(new CreateCampaignCommand({ name: 'afterparty-test-recommender', solutionVersionArn }));
});
afterEach(() => stand.stop());

const down = (changes: Partial<TakingDown> = {}) =>
  takeDown(stand.control, {
    ...{ stage: 'test', really: true, looks: 20, log: (line) => void lines.push(line) },
    pause: () => stand.clock.advance(2_000),
    ...changes,
  });

async function left(): Promise<unknown[]> {
  const { control } = stand;
  const [{ campaigns }, { Filters }, { solutions }] = await Promise.all([
    control.send(new ListCampaignsCommand({})),
    control.send(new ListFiltersCommand({})),
    control.send(new ListSolutionsCommand({})),
  ]);
  return [campaigns, Filters, solutions].map((list) => (list ?? []).map(({ name }) => name));
}

test('deletes what training made, the user before the used, and nothing else', async () => {
  // The campaign is not even ready: that is waited for too.
  expect(await down()).toBe(4);
  expect(await left()).toEqual([[], [], ['afterparty-other-recommender']]);
  expect(lines.filter((line) => line.endsWith('is gone'))).toEqual([
    'campaign afterparty-test-recommender is gone',
    'filter afterparty-test-unseen is gone',
    'solution afterparty-test-recommender is gone',
    'solution afterparty-test-popularity is gone',
  ]);
  const group = { datasetGroupArn: arnOf('dataset-group/photos') };
  const { datasetGroup } = await stand.control.send(new DescribeDatasetGroupCommand(group));
  expect(datasetGroup?.status).toBe('ACTIVE');
});

test('can be done again', async () => {
  await down();
  expect(await down()).toBe(0);
});

test('only says what there is unless it is really meant', async () => {
  const before = await left();
  expect(await down({ really: false })).toBe(4);
  expect(lines).toEqual([
    'campaign afterparty-test-recommender',
    'filter afterparty-test-unseen',
    'solution afterparty-test-recommender',
    'solution afterparty-test-popularity',
  ]);
  expect(await left()).toEqual(before);
});

test('says what will not go', async () => {
  await expect(down({ looks: 3, pause: async () => {} })).rejects.toThrow(
    /Expected .*:campaign\/afterparty-test-recommender to be gone: Campaign must be ACTIVE or CREATE FAILED/,
  );
});
