import {
  CreateDatasetImportJobCommand,
  PersonalizeClient,
  UpdateCampaignCommand,
} from '@aws-sdk/client-personalize';
import {
  PersonalizeEventsClient,
  PutEventsCommand,
  PutItemsCommand,
} from '@aws-sdk/client-personalize-events';
import { GetRecommendationsCommand, PersonalizeRuntimeClient } from '@aws-sdk/client-personalize-runtime';
import { expect, test } from 'vitest';
import type { GivenStatement } from '../../support/permission.ts';
import { lambdaIn, roleWith } from '../../support/permission-stack.ts';
import { arnOf, dataRole, photosResources, startPersonalize } from '../../support/personalize.ts';

/** What the function is refused, by the action and resource of the message; undefined if nothing. */
async function refusalOf(call: (config: object) => Promise<unknown>, ...statements: GivenStatement[]) {
  const stand = await startPersonalize({
    ...photosResources,
    CallerRole: roleWith(...statements),
    Caller: lambdaIn('CallerRole', { FunctionName: 'caller' }),
  });
  const arn = 'arn:aws:lambda:eu-west-1:000000000000:function:caller';
  const credentials = stand.gateway.credentials.issueKey({ kind: 'function', name: 'caller', arn });
  const refused = await call({ ...stand.clientConfig, credentials, maxAttempts: 1 }).then(
    () => undefined,
    (error: Error) => error,
  );
  await stand.stop();
  if (refused?.name !== 'AccessDeniedException') return undefined;
  const [, action, resource] = /perform: (\S+) on resource: (\S+)/.exec(refused.message) ?? [];
  return `${action} on ${resource}`;
}

const campaignArn = arnOf('campaign/photos');
const filterArn = arnOf('filter/unseen');
const recommend = (config: object) =>
  new PersonalizeRuntimeClient(config).send(
    new GetRecommendationsCommand({ campaignArn, filterArn, userId: 'u' }),
  );
const allow = (Action: string, ...Resource: string[]) => ({ Action, Resource });

test('recommendations need the campaign and the filter', async () => {
  const action = 'personalize:GetRecommendations';
  expect(await refusalOf(recommend)).toBe(`${action} on ${campaignArn}`);
  expect(await refusalOf(recommend, allow(action, campaignArn))).toBe(`${action} on ${filterArn}`);
  expect(await refusalOf(recommend, allow(action, campaignArn, filterArn))).toBeUndefined();
});

test('events need a right to everything, as there is no finer one', async () => {
  const put = (config: object) =>
    new PersonalizeEventsClient(config).send(
      new PutEventsCommand({
        ...{ trackingId: 't', sessionId: 's' },
        eventList: [{ eventType: 'view', sentAt: new Date(), itemId: 'i' }],
      }),
    );
  const narrow = allow('personalize:PutEvents', arnOf('event-tracker/*'));
  expect(await refusalOf(put, narrow)).toBe('personalize:PutEvents on *');
  expect(await refusalOf(put, allow('personalize:PutEvents', '*'))).toBeUndefined();
});

test('items need their dataset', async () => {
  const datasetArn = arnOf('dataset/photos/ITEMS');
  const put = (config: object) =>
    new PersonalizeEventsClient(config).send(new PutItemsCommand({ datasetArn, items: [{ itemId: 'i' }] }));
  expect(await refusalOf(put)).toBe(`personalize:PutItems on ${datasetArn}`);
  expect(await refusalOf(put, allow('personalize:PutItems', datasetArn))).toBeUndefined();
});

test('an import needs the dataset, the job, and to pass its role on', async () => {
  const datasetArn = arnOf('dataset/photos/ITEMS');
  const start = (config: object) =>
    new PersonalizeClient(config).send(
      new CreateDatasetImportJobCommand({
        ...{ jobName: 'job', datasetArn, roleArn: dataRole },
        dataSource: { dataLocation: 's3://data/x.csv' },
      }),
    );
  const jobs = allow('personalize:CreateDatasetImportJob', arnOf('dataset-import-job/*'), datasetArn);
  expect(await refusalOf(start, allow('personalize:CreateDatasetImportJob', datasetArn))).toBe(
    `personalize:CreateDatasetImportJob on ${arnOf('dataset-import-job/job')}`,
  );
  expect(await refusalOf(start, jobs)).toBe(`iam:PassRole on ${dataRole}`);
  expect(await refusalOf(start, jobs, allow('iam:PassRole', dataRole))).toBeUndefined();
});

test('a change of a campaign needs the campaign, whatever it is to serve', async () => {
  const solutionVersionArn = arnOf('solution/photos/1234abcd');
  const update = (config: object) =>
    new PersonalizeClient(config).send(new UpdateCampaignCommand({ solutionVersionArn, campaignArn }));
  const action = 'personalize:UpdateCampaign';
  expect(await refusalOf(update, allow(action, solutionVersionArn))).toBe(`${action} on ${campaignArn}`);
  expect(await refusalOf(update, allow(action, campaignArn))).toBeUndefined();
});
