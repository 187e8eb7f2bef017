import {
  CreateCampaignCommand,
  CreateDatasetGroupCommand,
  CreateFilterCommand,
  CreateMetricAttributionCommand,
  CreateSchemaCommand,
  CreateSolutionCommand,
  ListSchemasCommand,
} from '@aws-sdk/client-personalize';
import { PutEventsCommand, PutItemsCommand, PutUsersCommand } from '@aws-sdk/client-personalize-events';
import {
  GetActionRecommendationsCommand,
  GetPersonalizedRankingCommand,
  GetRecommendationsCommand,
} from '@aws-sdk/client-personalize-runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  arnOf,
  dataRole,
  type Personalized,
  recipeArn,
  schemaOf,
  startPersonalize,
} from '../../support/personalize.ts';
import { deploy, importWorld, world } from '../../support/trained.ts';

let personalize: Personalized;
let campaignArn: string;
let rankingArn: string;
let filterArn: string | undefined;
beforeAll(async () => {
  personalize = await startPersonalize();
  await importWorld(personalize);
  campaignArn = await deploy(personalize, 'user-personalization-v2', {
    enableMetadataWithRecommendations: true,
  });
  rankingArn = await deploy(personalize, 'personalized-ranking-v2', {
    enableMetadataWithRecommendations: true,
  });
  const parameters = Array.from({ length: 24 }, (_, at) => `$P${at}`).join(', ');
  ({ filterArn } = await personalize.control.send(
    new CreateFilterCommand({
      ...{ name: 'tags', datasetGroupArn: arnOf('dataset-group/photos') },
      filterExpression: `EXCLUDE ItemID WHERE Items.TAGS IN (${parameters}, $${'N'.repeat(49)})`,
    }),
  ));
  await personalize.settle();
});
afterAll(() => personalize.stop());

/** How a call ends: `ok`, or the name and status of its error. */
async function ending(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'ok',
    (error: { name: string; $metadata?: { httpStatusCode?: number } }) =>
      `${error.name} ${error.$metadata?.httpStatusCode}`,
  );
}

const long = (length: number) => 'x'.repeat(length);
const many = <Each>(count: number, each: (at: number) => Each) =>
  Array.from({ length: count }, (_, at) => each(at));
const record = (count: number) => Object.fromEntries(many(count, (at) => [`key${at}`, 'value']));
const INVALID = 'InvalidInputException 400';

type Input = Record<string, unknown>;
/** What is at the limit, what is beyond it, and by how much. */
type Limit = readonly [what: string, at: Input, beyond: Input];

describe('GetRecommendations', () => {
  const call = (more: Input) =>
    ending(
      personalize.runtime.send(new GetRecommendationsCommand({ campaignArn, userId: 'person-1', ...more })),
    );
  const columns = (count: number) => ({
    numResults: 5,
    metadataColumns: { ITEMS: many(count, () => 'TAGS') },
  });
  const promotion = (more: Input) => ({
    promotions: [{ name: 'p', percentPromotedItems: 50, filterArn, ...more }],
  });

  test.each<Limit>([
    ['a user id of 256', { userId: long(256) }, { userId: long(257) }],
    ['an item id of 256', { itemId: long(256) }, { itemId: long(257) }],
    ['500 results', { numResults: 500 }, { numResults: 501 }],
    ['0 results', { numResults: 0 }, { numResults: -1 }],
    ['150 keys of context', { context: record(150) }, { context: record(151) }],
    ['a key of context of 150', { context: { [long(150)]: 'v' } }, { context: { [long(151)]: 'v' } }],
    ['letters, digits and _ in keys of context', { context: { a_1: 'v' } }, { context: { 'a-1': 'v' } }],
    ['a value of context of 1000', { context: { a: long(1_000) } }, { context: { a: long(1_001) } }],
    ['10 columns of metadata', columns(10), columns(11)],
    ['50 results with metadata', { ...columns(1), numResults: 50 }, { ...columns(1), numResults: 51 }],
    ['one dataset of metadata', columns(1), { metadataColumns: { ITEMS: ['TAGS'], USERS: ['PLAN'] } }],
    ['one kind of campaign', {}, { recommenderArn: arnOf('recommender/r') }],
  ])('takes %s, not more', async (_, at, beyond) => {
    expect([await call(at), await call(beyond)]).toEqual(['ok', INVALID]);
  });

  test('takes an ARN of 256 characters and not more', async () => {
    const prefix = arnOf('campaign/');
    const arnOfLength = (length: number) => prefix + long(length - prefix.length);
    expect(await call({ campaignArn: arnOfLength(256) })).toBe('ResourceNotFoundException 404');
    expect(await call({ campaignArn: arnOfLength(257) })).toBe(INVALID);
    expect(await call({ campaignArn: 'arn:aws:s3:::bucket' })).toBe(INVALID);
  });

  test('takes 25 values for a filter, names of 50 and values of 1000 characters, not more', async () => {
    const values = Object.fromEntries(many(24, (at) => [`P${at}`, '"tag"']));
    const name = long(49).replaceAll('x', 'N');
    const withValue = (value: string) => call({ filterArn, filterValues: { P0: value } });
    expect(await call({ filterArn, filterValues: { ...values, [name]: '"tag"' } })).toBe('ok');
    expect(await call({ filterArn, filterValues: { ...values, [name]: '"tag"', more: '"tag"' } })).toBe(
      INVALID,
    );
    expect(await call({ filterArn, filterValues: { [long(51)]: '"tag"' } })).toBe(INVALID);
    expect(await withValue(`"${long(998)}"`)).toBe('ok');
    expect(await withValue(`"${long(999)}"`)).toBe(INVALID);
  });

  test('takes one promotion of 1 to 100 percent, with a filter', async () => {
    expect(await call(promotion({}))).toBe('ok');
    for (const percentPromotedItems of [0, 101])
      expect(await call(promotion({ percentPromotedItems }))).toBe(INVALID);
    expect(await call(promotion({ filterArn: undefined }))).toBe(INVALID);
    expect(await call(promotion({ name: long(64) }))).toBe(INVALID);
    expect(await call({ promotions: [...promotion({}).promotions, ...promotion({}).promotions] })).toBe(
      INVALID,
    );
  });

  test.each<readonly [string, Input, string]>([
    ['without a user', { userId: undefined }, INVALID],
    ['without a campaign', { campaignArn: undefined }, INVALID],
    [
      'for a campaign that is not there',
      { campaignArn: arnOf('campaign/none') },
      'ResourceNotFoundException 404',
    ],
    ['by a filter that is not there', { filterArn: arnOf('filter/none') }, 'ResourceNotFoundException 404'],
    ['with values and no filter', { filterValues: { TAG: '"x"' } }, INVALID],
    ['for metadata that the dataset has not', { metadataColumns: { ITEMS: ['COLOUR'] } }, INVALID],
  ])('is refused %s', async (_, more, refusal) => {
    expect(await call(more)).toBe(refusal);
  });
});

describe('GetPersonalizedRanking', () => {
  const call = (more: Input) =>
    ending(
      personalize.runtime.send(
        new GetPersonalizedRankingCommand({
          campaignArn: rankingArn,
          userId: 'person-1',
          inputList: ['a'],
          ...more,
        }),
      ),
    );
  const items = (count: number) => many(count, (at) => `item-${at}`);
  const metadataColumns = { ITEMS: ['TAGS'] };

  test.each<Limit>([
    ['500 items', { inputList: items(500) }, { inputList: items(501) }],
    [
      '50 items with metadata',
      { inputList: items(50), metadataColumns },
      { inputList: items(51), metadataColumns },
    ],
    ['item ids of 256', { inputList: [long(256)] }, { inputList: [long(257)] }],
    ['a user', {}, { userId: undefined }],
  ])('takes %s, not more', async (_, at, beyond) => {
    expect([await call(at), await call(beyond)]).toEqual(['ok', INVALID]);
  });

  test('is for campaigns that rank, and these for nothing else', async () => {
    expect(await call({ campaignArn })).toBe(INVALID);
    const asList = new GetRecommendationsCommand({ campaignArn: rankingArn, userId: 'person-1' });
    expect(await ending(personalize.runtime.send(asList))).toBe(INVALID);
    const asActions = new GetActionRecommendationsCommand({ campaignArn, userId: 'person-1' });
    expect(await ending(personalize.runtime.send(asActions))).toBe(INVALID);
  });
});

describe('PutEvents', () => {
  const event = (more: Input = {}) => ({
    ...{ eventType: 'view', sentAt: new Date(1_760_000_000_123), itemId: world.items.photos[0] },
    ...more,
  });
  const call = (more: Input) =>
    ending(
      personalize.events.send(
        new PutEventsCommand({
          ...{ trackingId: personalize.trackingId, sessionId: 's', userId: 'limits', eventList: [event()] },
          ...more,
        } as never),
      ),
    );
  const one = (more: Input) => ({ eventList: [event(more)] });
  const properties = (length: number) => ({ properties: JSON.stringify({ a: long(length - 8) }) });
  const source = (length: number) => ({ metricAttribution: { eventAttributionSource: long(length) } });

  test.each<Limit>([
    ['10 events', { eventList: many(10, () => event()) }, { eventList: many(11, () => event()) }],
    ['one event', { eventList: [event()] }, { eventList: [] }],
    ['a user id of 256', { userId: long(256) }, { userId: long(257) }],
    ['a session id of 256', { sessionId: long(256) }, { sessionId: long(257) }],
    ['an event id of 256', one({ eventId: long(256) }), one({ eventId: long(257) })],
    ['an event type of 256', one({ eventType: long(256) }), one({ eventType: long(257) })],
    ['an item id of 256', one({ itemId: long(256) }), one({ itemId: long(257) })],
    ['an item id of 1', one({ itemId: 'i' }), one({ itemId: '' })],
    ['25 impressions', one({ impression: many(25, () => 'i') }), one({ impression: many(26, () => 'i') })],
    ['one impression', one({ impression: ['i'] }), one({ impression: [] })],
    ['properties of 1024', one(properties(1_024)), one(properties(1_025))],
    ['a recommendation id of 40', one({ recommendationId: long(40) }), one({ recommendationId: long(41) })],
    ['a source of 1024', one(source(1_024)), one(source(1_025))],
    ['a tracker', {}, { trackingId: 'none' }],
  ])('takes %s, not more', async (_, at, beyond) => {
    expect([await call(at), await call(beyond)]).toEqual(['ok', INVALID]);
  });

  test.each(['userId', 'SESSIONID', 'eventType', 'timestamp', 'RecommendationId', 'impression'])(
    'takes no property %s',
    async (name) => {
      expect(await call(one({ properties: { [name]: 'x' } }))).toBe(INVALID);
    },
  );
});

describe('PutItems and PutUsers', () => {
  const items = (list: Input[], datasetArn = arnOf('dataset/photos/ITEMS')) =>
    ending(personalize.events.send(new PutItemsCommand({ datasetArn, items: list as never })));
  const users = (list: Input[]) =>
    ending(
      personalize.events.send(
        new PutUsersCommand({ datasetArn: arnOf('dataset/photos/USERS'), users: list as never }),
      ),
    );
  const tags = (length: number) => ({ itemId: 'i', properties: JSON.stringify({ tags: long(length - 11) }) });

  test('take 10 records, ids of 256 and properties of 32000 characters, not more', async () => {
    expect(await items(many(10, (at) => ({ itemId: `i${at}` })))).toBe('ok');
    expect(await items(many(11, (at) => ({ itemId: `i${at}` })))).toBe(INVALID);
    expect(await users(many(10, (at) => ({ userId: `u${at}` })))).toBe('ok');
    expect(await users(many(11, (at) => ({ userId: `u${at}` })))).toBe(INVALID);
    expect(await items([])).toBe(INVALID);
    expect(await items([{ itemId: long(257) }])).toBe(INVALID);
    expect(await users([{ userId: long(257) }])).toBe(INVALID);
    expect(await items([tags(32_000)])).toBe('ok');
    expect(await items([tags(32_001)])).toBe(INVALID);
  });

  test('take what the schema has, in its types', async () => {
    const item = (properties: Input) => items([{ itemId: 'i', properties }]);
    expect(await item({ tags: 'a|b', ownerId: 'o', creationTimestamp: 1_760_000_000 })).toBe('ok');
    expect(await item({ creationTimestamp: 'yesterday' })).toBe(INVALID);
    expect(await item({ colour: 'red' })).toBe(INVALID);
    expect(await items([{ itemId: 'i' }], arnOf('dataset/none/ITEMS'))).toBe('ResourceNotFoundException 404');
    expect(await users([{ userId: 'u', properties: { plan: 'free' } }])).toBe('ok');
  });
});

describe('the control plane', () => {
  const control = (command: never) => ending(personalize.control.send(command));
  const group = (name: string) => control(new CreateDatasetGroupCommand({ name }) as never);
  const datasetGroupArn = arnOf('dataset-group/photos');

  test('takes names of 1 to 63 letters, digits, - and _', async () => {
    expect(await group(long(63))).toBe('ok');
    for (const name of [long(64), '', '-a', 'a b']) expect(await group(name)).toBe(INVALID);
  });

  test('takes schemas of 20 000 characters and not more, with as many columns as there may be', async () => {
    const schema = (name: string, text: string) =>
      control(new CreateSchemaCommand({ name, schema: text }) as never);
    const users = (count: number) =>
      schemaOf('Users', [
        { name: 'USER_ID', type: 'string' },
        ...many(count, (at) => ({ name: `F${at}`, type: 'string', categorical: true })),
      ]);
    expect(await schema('most', users(25))).toBe('ok');
    expect(await schema('more', users(26))).toBe(INVALID);
    expect(await schema('none', users(0))).toBe(INVALID);
    expect(await schema('long', users(1).padEnd(20_000))).toBe('ok');
    expect(await schema('longer', users(1).padEnd(20_001))).toBe(INVALID);
    expect(await schema('text', 'no schema')).toBe(INVALID);
    expect(await schema('keyless', schemaOf('Items', [{ name: 'TAGS', type: 'string' }]))).toBe(INVALID);
    const five = ['USER_ID', 'ITEM_ID'].map((name) => ({ name, type: 'string' }));
    const interactions = (count: number) =>
      schemaOf('Interactions', [
        ...five,
        { name: 'TIMESTAMP', type: 'long' },
        ...many(count, (at) => ({ name: `F${at}`, type: 'string' })),
      ]);
    expect(await schema('five', interactions(5))).toBe('ok');
    expect(await schema('six', interactions(6))).toBe(INVALID);
  });

  test('takes filter expressions of 2500 characters, 10 metrics and at least one transaction a second', async () => {
    const filter = (name: string, length: number) => {
      const expression = `EXCLUDE ItemID WHERE Items.TAGS IN ("")`;
      const filterExpression = expression.replace('""', `"${long(length - expression.length)}"`);
      return control(new CreateFilterCommand({ name, datasetGroupArn, filterExpression }) as never);
    };
    expect(await filter('most', 2_500)).toBe('ok');
    expect(await filter('more', 2_501)).toBe(INVALID);
    const attribution = (count: number) =>
      control(
        new CreateMetricAttributionCommand({
          ...{ name: 'a', datasetGroupArn, metricsOutputConfig: { roleArn: dataRole } },
          metrics: many(count, (at) => ({
            eventType: 'like',
            metricName: `m${at}`,
            expression: 'SAMPLECOUNT()',
          })),
        }) as never,
      );
    expect(await attribution(11)).toBe(INVALID);
    expect(await attribution(10)).toBe('ok');
    const campaign = new CreateCampaignCommand({
      ...{ name: 'c', minProvisionedTPS: 0 },
      solutionVersionArn: arnOf('solution/user-personalization-v2/1234abcd'),
    });
    expect(await control(campaign as never)).toBe(INVALID);
  });

  test('takes pages of 1 to 100, and tokens of its own', async () => {
    const list = (more: Input) => control(new ListSchemasCommand(more) as never);
    expect(await list({ maxResults: 100 })).toBe('ok');
    expect(await list({ maxResults: 101 })).toBe(INVALID);
    expect(await list({ nextToken: 'forged' })).toBe('InvalidNextTokenException 400');
  });

  test('takes recipes that there are', async () => {
    const solution = (name: string) =>
      control(new CreateSolutionCommand({ name: 's', datasetGroupArn, recipeArn: recipeArn(name) }) as never);
    expect(await solution('hrnn')).toBe('ResourceNotFoundException 400');
  });
});
