import {
  CreateCampaignCommand,
  CreateDatasetCommand,
  CreateDatasetGroupCommand,
  CreateEventTrackerCommand,
  CreateFilterCommand,
  CreateMetricAttributionCommand,
  CreateSchemaCommand,
  CreateSolutionCommand,
  DeleteCampaignCommand,
  DeleteDatasetCommand,
  DeleteDatasetGroupCommand,
  DeleteEventTrackerCommand,
  DeleteFilterCommand,
  DeleteMetricAttributionCommand,
  DeleteSchemaCommand,
  DeleteSolutionCommand,
  DescribeCampaignCommand,
  DescribeDatasetGroupCommand,
  DescribeEventTrackerCommand,
  DescribeMetricAttributionCommand,
  DescribeRecipeCommand,
  DescribeSchemaCommand,
  DescribeSolutionCommand,
  DescribeSolutionVersionCommand,
  GetSolutionMetricsCommand,
  InvalidInputException,
  LimitExceededException,
  ListCampaignsCommand,
  ListDatasetsCommand,
  ListFiltersCommand,
  ListMetricAttributionMetricsCommand,
  ListRecipesCommand,
  ListSchemasCommand,
  ListSolutionVersionsCommand,
  ResourceAlreadyExistsException,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateCampaignCommand,
  UpdateMetricAttributionCommand,
} from '@aws-sdk/client-personalize';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { train } from '../../../lib/recommendations/train.ts';
import { examinationOf, metricsOf } from '../../../offline/personalize/measure.ts';
import {
  arnOf,
  dataRole,
  interactionsSchema,
  itemsSchema,
  type Personalized,
  recipeArn,
  startPersonalize,
} from '../../support/personalize.ts';
import { importWorld, trainAgain, trainVersion, world } from '../../support/trained.ts';

let personalize: Personalized;
beforeAll(async () => {
  personalize = await startPersonalize();
  await importWorld(personalize);
});
afterAll(() => personalize.stop());

const control: Personalized['control']['send'] = ((command: never) =>
  personalize.control.send(command)) as never;
const groupArn = arnOf('dataset-group/photos');

test('what the template declares is there from the start', async () => {
  const { datasetGroup } = await control(new DescribeDatasetGroupCommand({ datasetGroupArn: groupArn }));
  expect(datasetGroup).toMatchObject({ name: 'photos', status: 'ACTIVE' });
  const { datasets = [] } = await control(new ListDatasetsCommand({ datasetGroupArn: groupArn }));
  expect(datasets.map(({ datasetArn }) => datasetArn)).toEqual(
    ['INTERACTIONS', 'ITEMS', 'USERS'].map((type) => arnOf(`dataset/photos/${type}`)),
  );
  const { schema } = await control(
    new DescribeSchemaCommand({ schemaArn: arnOf('schema/photos-interactions') }),
  );
  expect(schema?.schema).toBe(interactionsSchema);
});

test('a dataset group goes through its statuses, and through others when it is deleted', async () => {
  const { datasetGroupArn } = await control(new CreateDatasetGroupCommand({ name: 'short-lived' }));
  const status = async () =>
    (await control(new DescribeDatasetGroupCommand({ datasetGroupArn }))).datasetGroup?.status;
  expect(await status()).toBe('CREATE PENDING');
  await expect(control(new DeleteDatasetGroupCommand({ datasetGroupArn }))).rejects.toBeInstanceOf(
    ResourceInUseException,
  );
  await personalize.clock.advance(2_000);
  expect(await status()).toBe('CREATE IN_PROGRESS');
  await personalize.clock.advance(3_000);
  expect(await status()).toBe('ACTIVE');
  await control(new DeleteDatasetGroupCommand({ datasetGroupArn }));
  expect(await status()).toBe('DELETE PENDING');
  await personalize.clock.advance(2_000);
  expect(await status()).toBe('DELETE IN_PROGRESS');
  await expect(control(new CreateDatasetGroupCommand({ name: 'short-lived' }))).rejects.toBeInstanceOf(
    ResourceAlreadyExistsException,
  );
  await personalize.clock.advance(3_000);
  await expect(status()).rejects.toBeInstanceOf(ResourceNotFoundException);
});

test('a whole recommender is built, changed and taken down', async () => {
  const version = await trainVersion(personalize, 'user-personalization-v2', 'life');
  expect(version).toMatchObject({ status: 'ACTIVE', trainingMode: 'FULL', trainingType: 'MANUAL' });
  const { solutionVersionArn } = version ?? {};
  const solutionArn = arnOf('solution/life');
  const { solution } = await control(new DescribeSolutionCommand({ solutionArn }));
  expect(solution?.latestSolutionVersion).toMatchObject({ solutionVersionArn, status: 'ACTIVE' });

  const { campaignArn } = await control(
    new CreateCampaignCommand({ name: 'life', solutionVersionArn, minProvisionedTPS: 2 }),
  );
  const describe = async () => (await control(new DescribeCampaignCommand({ campaignArn }))).campaign;
  expect(await describe()).toMatchObject({ status: 'CREATE PENDING', minProvisionedTPS: 2 });
  await personalize.settle();
  const created = await describe();
  expect(created).toMatchObject({ status: 'ACTIVE', solutionVersionArn });
  expect(created?.latestCampaignUpdate).toBeUndefined();

  const next = await trainAgain(personalize, 'life');
  await control(new UpdateCampaignCommand({ campaignArn, solutionVersionArn: next?.solutionVersionArn }));
  expect(await describe()).toMatchObject({
    status: 'ACTIVE',
    solutionVersionArn,
    latestCampaignUpdate: { status: 'CREATE PENDING', solutionVersionArn: next?.solutionVersionArn },
  });
  await expect(control(new UpdateCampaignCommand({ campaignArn }))).rejects.toBeInstanceOf(
    ResourceInUseException,
  );
  await personalize.settle();
  const updated = await describe();
  expect(updated).toMatchObject({
    solutionVersionArn: next?.solutionVersionArn,
    minProvisionedTPS: 2,
    latestCampaignUpdate: { status: 'ACTIVE' },
  });
  const { solutionVersions = [] } = await control(new ListSolutionVersionsCommand({ solutionArn }));
  expect(solutionVersions.map((each) => each.solutionVersionArn)).toEqual([
    solutionVersionArn,
    next?.solutionVersionArn,
  ]);

  await expect(control(new DeleteSolutionCommand({ solutionArn }))).rejects.toBeInstanceOf(
    ResourceInUseException,
  );
  await control(new DeleteCampaignCommand({ campaignArn }));
  await personalize.settle();
  await control(new DeleteSolutionCommand({ solutionArn }));
  await personalize.settle();
  await expect(control(new DescribeSolutionVersionCommand({ solutionVersionArn }))).rejects.toBeInstanceOf(
    ResourceNotFoundException,
  );
  const { campaigns } = await control(new ListCampaignsCommand({ solutionArn }));
  expect(campaigns).toEqual([]);
});

test('metrics are measured on what was held out, under the names of the API', async () => {
  const version = await trainVersion(personalize, 'user-personalization-v2', 'measured');
  const { metrics = {} } = await control(
    new GetSolutionMetricsCommand({ solutionVersionArn: version?.solutionVersionArn }),
  );
  expect(Object.keys(metrics).sort()).toEqual([
    'coverage',
    'mean_reciprocal_rank_at_25',
    'normalized_discounted_cumulative_gain_at_10',
    'normalized_discounted_cumulative_gain_at_25',
    'normalized_discounted_cumulative_gain_at_5',
    'precision_at_10',
    'precision_at_25',
    'precision_at_5',
  ]);
  const seconds = (times: ArrayLike<number> = []) =>
    Array.from(times, (time) => 1_000 * Math.floor(time / 1_000));
  const { interactions, items } = world;
  const examination = examinationOf({ ...interactions, times: seconds(interactions.times) });
  const model = train(examination.rest, { ...items, createdAt: seconds(items.createdAt) });
  expect(metrics).toEqual(metricsOf('user-personalization-v2', model, examination));
});

test('what is in use is not deleted, and what others hold on to', async () => {
  const refused = async (command: never) =>
    expect(control(command)).rejects.toBeInstanceOf(ResourceInUseException);
  await refused(new DeleteDatasetGroupCommand({ datasetGroupArn: groupArn }) as never);
  await refused(new DeleteSchemaCommand({ schemaArn: arnOf('schema/photos-items') }) as never);
});

test('a dataset group of one’s own is filled and emptied again', async () => {
  const { datasetGroupArn } = await control(new CreateDatasetGroupCommand({ name: 'own' }));
  const { schemaArn } = await control(new CreateSchemaCommand({ name: 'own', schema: itemsSchema }));
  const dataset = { name: 'own', datasetGroupArn, schemaArn };
  await expect(
    control(new CreateDatasetCommand({ ...dataset, datasetType: 'Items' })),
  ).rejects.toBeInstanceOf(ResourceInUseException);
  await personalize.settle();
  await expect(
    control(new CreateDatasetCommand({ ...dataset, datasetType: 'Users' })),
  ).rejects.toBeInstanceOf(InvalidInputException);
  const { datasetArn } = await control(new CreateDatasetCommand({ ...dataset, datasetType: 'items' }));
  expect(datasetArn).toBe(arnOf('dataset/own/ITEMS'));
  const { eventTrackerArn, trackingId } = await control(
    new CreateEventTrackerCommand({ name: 'own', datasetGroupArn }),
  );
  await expect(
    control(new CreateEventTrackerCommand({ name: 'second', datasetGroupArn })),
  ).rejects.toBeInstanceOf(ResourceAlreadyExistsException);
  await personalize.settle();
  const { eventTracker } = await control(new DescribeEventTrackerCommand({ eventTrackerArn }));
  expect(eventTracker).toMatchObject({ trackingId, status: 'ACTIVE', accountId: '000000000000' });
  const { filterArn } = await control(
    new CreateFilterCommand({
      name: 'own',
      datasetGroupArn,
      filterExpression: 'INCLUDE ItemID WHERE Items.TAGS IN ($TAGS)',
    }),
  );
  await expect(
    control(
      new CreateFilterCommand({
        name: 'wrong',
        datasetGroupArn,
        filterExpression: 'INCLUDE ItemID WHERE Items.PRICE > 5',
      }),
    ),
  ).rejects.toBeInstanceOf(InvalidInputException);
  await personalize.settle();
  const { Filters = [] } = await control(new ListFiltersCommand({ datasetGroupArn }));
  expect(Filters).toMatchObject([{ filterArn, status: 'ACTIVE' }]);
  await control(new DeleteFilterCommand({ filterArn }));
  await control(new DeleteEventTrackerCommand({ eventTrackerArn }));
  await control(new DeleteDatasetCommand({ datasetArn }));
  await personalize.settle();
  await control(new DeleteSchemaCommand({ schemaArn }));
  await control(new DeleteDatasetGroupCommand({ datasetGroupArn }));
});

test('a metric attribution is changed metric by metric', async () => {
  const metric = (metricName: string) => ({ eventType: 'like', metricName, expression: 'SAMPLECOUNT()' });
  const { metricAttributionArn } = await control(
    new CreateMetricAttributionCommand({
      name: 'attribution',
      datasetGroupArn: groupArn,
      metrics: [metric('likes')],
      metricsOutputConfig: { roleArn: dataRole },
    }),
  );
  await personalize.settle();
  await control(
    new UpdateMetricAttributionCommand({
      metricAttributionArn,
      addMetrics: [metric('more')],
      removeMetrics: ['likes'],
    }),
  );
  const { metrics } = await control(new ListMetricAttributionMetricsCommand({ metricAttributionArn }));
  expect(metrics).toEqual([metric('more')]);
  const { metricAttribution } = await control(new DescribeMetricAttributionCommand({ metricAttributionArn }));
  expect(metricAttribution).toMatchObject({ status: 'ACTIVE', metricsOutputConfig: { roleArn: dataRole } });
  await control(new DeleteMetricAttributionCommand({ metricAttributionArn }));
});

test('recipes are listed and described', async () => {
  const { recipes = [] } = await control(new ListRecipesCommand({}));
  expect(recipes.map((each) => each.recipeArn)).toContain(recipeArn('user-personalization-v2'));
  const { recipe } = await control(new DescribeRecipeCommand({ recipeArn: recipeArn('similar-items') }));
  expect(recipe).toMatchObject({ name: 'aws-similar-items', recipeType: 'RELATED_ITEMS', status: 'ACTIVE' });
  await expect(control(new DescribeRecipeCommand({ recipeArn: recipeArn('hrnn') }))).rejects.toBeInstanceOf(
    ResourceNotFoundException,
  );
});

test('lists come in pages', async () => {
  const first = await control(new ListSchemasCommand({ maxResults: 2 }));
  const second = await control(new ListSchemasCommand({ maxResults: 2, nextToken: first.nextToken }));
  const names = [...(first.schemas ?? []), ...(second.schemas ?? [])].map(({ name }) => name);
  expect(names).toEqual(['photos-interactions', 'photos-items', 'photos-users']);
  expect(second.nextToken).toBeUndefined();
});

test('there are no more than the quotas allow', async () => {
  for (const name of ['a', 'b', 'c', 'd']) await control(new CreateDatasetGroupCommand({ name }));
  await expect(control(new CreateDatasetGroupCommand({ name: 'e' }))).rejects.toBeInstanceOf(
    LimitExceededException,
  );
  const create = (name: string) =>
    control(
      new CreateSolutionCommand({
        ...{ name, datasetGroupArn: groupArn, recipeArn: recipeArn('popularity-count') },
        performAutoTraining: false,
      }),
    );
  const full = async () => {
    for (let at = 0; at < 11; at += 1) await create(`solution-${at}`);
  };
  await expect(full()).rejects.toBeInstanceOf(LimitExceededException);
});
