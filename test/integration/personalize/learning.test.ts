import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateCampaignCommand,
  CreateMetricAttributionCommand,
  CreateSolutionCommand,
  CreateSolutionVersionCommand,
  DescribeCampaignCommand,
  DescribeSolutionVersionCommand,
  ListSolutionVersionsCommand,
} from '@aws-sdk/client-personalize';
import { PutEventsCommand } from '@aws-sdk/client-personalize-events';
import { GetRecommendationsCommand } from '@aws-sdk/client-personalize-runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { load } from '../../../lib/recommendations/artefact.ts';
import {
  arnOf,
  dataRole,
  type Personalized,
  recipeArn,
  startPersonalize,
} from '../../support/personalize.ts';
import { deploy, importFile, importWorld, trainAgain, trainVersion, world } from '../../support/trained.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let personalize: Personalized;
beforeEach(async () => {
  personalize = await startPersonalize();
  await importWorld(personalize);
});
afterEach(() => personalize.stop());

const [item = ''] = world.items.photos;

const put = (more: object = {}) =>
  personalize.events.send(
    new PutEventsCommand({
      ...{ trackingId: personalize.trackingId, sessionId: 's', userId: 'person-1' },
      eventList: [
        {
          eventType: 'like',
          sentAt: new Date(personalize.clock.now()),
          itemId: item,
          eventValue: 2.5,
          ...more,
        },
      ],
    }),
  );
const versionsOf = async (name: string) =>
  (
    await personalize.control.send(
      new ListSolutionVersionsCommand({ solutionArn: arnOf(`solution/${name}`) }),
    )
  ).solutionVersions ?? [];

test('the old version answers while a new one is trained, and the campaign in step takes it then', async () => {
  const version = await trainVersion(personalize, 'user-personalization-v2', 'steady');
  const solutionArn = arnOf('solution/steady');
  const { campaignArn } = await personalize.control.send(
    new CreateCampaignCommand({
      ...{ name: 'steady', solutionVersionArn: `${solutionArn}/$LATEST` },
      campaignConfig: { syncWithLatestSolutionVersion: true },
    }),
  );
  await personalize.settle();
  const { solutionVersionArn } = await personalize.control.send(
    new CreateSolutionVersionCommand({ solutionArn }),
  );
  const answer = () =>
    personalize.runtime.send(new GetRecommendationsCommand({ campaignArn, userId: 'person-1' }));
  expect((await answer()).itemList).toHaveLength(25);
  const { solutionVersion } = await personalize.control.send(
    new DescribeSolutionVersionCommand({ solutionVersionArn }),
  );
  expect(solutionVersion?.status).toBe('CREATE PENDING');
  const serving = async () =>
    (await personalize.control.send(new DescribeCampaignCommand({ campaignArn }))).campaign
      ?.solutionVersionArn;
  expect(await serving()).toBe(version?.solutionVersionArn);
  await personalize.settle();
  expect(await serving()).toBe(solutionVersionArn);
  expect((await answer()).itemList).toHaveLength(25);
});

test('a solution trains by itself when its time has come, if there is something new', async () => {
  await personalize.control.send(
    new CreateSolutionCommand({
      ...{ name: 'automatic', datasetGroupArn: arnOf('dataset-group/photos') },
      recipeArn: recipeArn('popularity-count'),
      solutionConfig: { autoTrainingConfig: { schedulingExpression: 'rate(2 days)' } },
    }),
  );
  await personalize.clock.advance(HOUR);
  await personalize.settle();
  expect(await versionsOf('automatic')).toMatchObject([{ status: 'ACTIVE', trainingType: 'AUTOMATIC' }]);
  await personalize.clock.advance(3 * DAY);
  await personalize.settle();
  expect(await versionsOf('automatic')).toHaveLength(1);
  await put();
  await personalize.clock.advance(HOUR);
  await personalize.settle();
  expect(await versionsOf('automatic')).toHaveLength(2);
});

test('events count for metrics, by what they say brought them, else by the answer that they name', async () => {
  const campaignArn = await deploy(personalize, 'user-personalization-v2');
  const { metricAttributionArn = '' } = await personalize.control.send(
    new CreateMetricAttributionCommand({
      ...{ name: 'effect', datasetGroupArn: arnOf('dataset-group/photos') },
      metrics: [
        { metricName: 'likes', eventType: 'like', expression: 'SAMPLECOUNT()' },
        { metricName: 'worth', eventType: 'like', expression: 'SUM(Interactions.EVENT_VALUE)' },
      ],
      metricsOutputConfig: { roleArn: dataRole },
    }),
  );
  await personalize.settle();
  const { recommendationId } = await personalize.runtime.send(
    new GetRecommendationsCommand({ campaignArn, userId: 'person-1' }),
  );
  await put({ eventId: '1', recommendationId, metricAttribution: { eventAttributionSource: 'mail' } });
  await put({ eventId: '2', recommendationId });
  await put({ eventId: '3', recommendationId });
  await put({ eventId: '4' });
  await put({ eventId: '5', eventType: 'view' });
  await personalize.clock.advance(DAY);
  await put({ eventId: '6', recommendationId });
  const later = Math.floor(personalize.clock.now() / 1_000);
  const imported = Array.from({ length: 1_000 }, (_, at) => `person-2,photo-${at},${later},like,1,`);
  const header = 'USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,IMPRESSION';
  await personalize.upload('later.csv', [header, ...imported].join('\n'));
  await importFile(personalize, 'INTERACTIONS', 'later.csv', { importMode: 'INCREMENTAL' });
  const told = Object.fromEntries(
    personalize.engine
      .attributed()
      .map(({ metricName, source, value }) => [`${metricName} ${source}`, value]),
  );
  expect(personalize.engine.attributed()[0]?.metricAttributionArn).toBe(metricAttributionArn);
  expect(told).toEqual({
    'likes mail': 1,
    [`likes ${campaignArn}`]: 2,
    'likes SOURCE_NAME_UNDEFINED': 2,
    'worth mail': 2.5,
    [`worth ${campaignArn}`]: 5,
    'worth SOURCE_NAME_UNDEFINED': 5,
  });
});

test('what an answer listed counts as shown to who names it within a day, unless they say what was', async () => {
  const campaignArn = await deploy(personalize, 'user-personalization-v2');
  const answer = async () => {
    const asked = new GetRecommendationsCommand({ campaignArn, userId: 'person-1', numResults: 5 });
    const { itemList = [], recommendationId } = await personalize.runtime.send(asked);
    return { recommendationId, items: itemList.map(({ itemId }) => itemId as string) };
  };
  const early = await answer();
  await put({ recommendationId: early.recommendationId });
  await put({ recommendationId: (await answer()).recommendationId, impression: ['said-1', early.items[0]] });
  const late = (await answer()).recommendationId;
  await personalize.clock.advance(DAY);
  await put({ recommendationId: late });

  const version = await trainAgain(personalize, 'user-personalization-v2');
  const [, id = ''] = /\/([^/]+)$/.exec(version?.solutionVersionArn ?? '') ?? [];
  const { stateDir } = personalize.context;
  const model = load(
    readFileSync(join(stateDir, 'personalize', 'models', `user-personalization-v2-${id}.model`)),
  );
  const shown = Object.fromEntries(
    model.photoIds.flatMap((photo, place) =>
      model.impressions[place] ? [[photo, model.impressions[place]]] : [],
    ),
  );
  const [first = '', ...others] = early.items;
  expect(shown).toEqual({ [first]: 2, ...Object.fromEntries(others.map((each) => [each, 1])), 'said-1': 1 });
});

test('a solution learns only from the events that it is told to', async () => {
  const train = async (name: string, more: object) => {
    await personalize.control.send(
      new CreateSolutionCommand({
        ...{ name, datasetGroupArn: arnOf('dataset-group/photos'), performAutoTraining: false },
        recipeArn: recipeArn('popularity-count'),
        ...more,
      }),
    );
    await personalize.settle();
    await personalize.control.send(
      new CreateSolutionVersionCommand({ solutionArn: arnOf(`solution/${name}`) }),
    );
    await personalize.settle();
    return (await versionsOf(name))[0]?.failureReason;
  };
  const count = (type: string) => world.interactions.types.filter((each) => each === type).length;
  expect(await train('likes', { eventType: 'like' })).toContain(`got ${count('like')} and`);
  expect(await train('views', { eventType: 'view' })).toBeUndefined();
  const eventParametersList = [{ eventType: 'like' }];
  expect(await train('configured', { solutionConfig: { eventsConfig: { eventParametersList } } })).toContain(
    `got ${count('like')} and`,
  );
});
