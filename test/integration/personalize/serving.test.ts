import { CreateFilterCommand } from '@aws-sdk/client-personalize';
import { PutEventsCommand, PutItemsCommand, PutUsersCommand } from '@aws-sdk/client-personalize-events';
import {
  GetPersonalizedRankingCommand,
  GetRecommendationsCommand,
  type PredictedItem,
} from '@aws-sdk/client-personalize-runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arnOf, type Personalized, startPersonalize } from '../../support/personalize.ts';
import { deploy, importWorld, world } from '../../support/trained.ts';

let personalize: Personalized;
let campaignArn: string;
beforeAll(async () => {
  personalize = await startPersonalize();
  await importWorld(personalize);
  campaignArn = await deploy(personalize, 'user-personalization-v2', {
    enableMetadataWithRecommendations: true,
  });
});
afterAll(() => personalize.stop());

const { interactions, items } = world;
const tagsOf = (itemId: string | undefined) => items.tags[items.photos.indexOf(itemId ?? '')] ?? [];

async function list(more: object): Promise<PredictedItem[]> {
  const asked = { campaignArn, userId: 'person-1', ...more };
  return (await personalize.runtime.send(new GetRecommendationsCommand(asked))).itemList ?? [];
}

async function filter(name: string, filterExpression: string): Promise<string | undefined> {
  const { filterArn } = await personalize.control.send(
    new CreateFilterCommand({ name, datasetGroupArn: arnOf('dataset-group/photos'), filterExpression }),
  );
  await personalize.settle();
  return filterArn;
}

async function put(userId: string, itemId: string, more: object = {}): Promise<void> {
  await personalize.events.send(
    new PutEventsCommand({
      ...{ trackingId: personalize.trackingId, sessionId: `of-${userId}`, userId },
      eventList: [{ eventType: 'like', sentAt: new Date(personalize.clock.now()), itemId, ...more }],
    }),
  );
}

describe('a filter', () => {
  test('lets through only what it includes, by a value of the request', async () => {
    const filterArn = await filter('kind', 'INCLUDE ItemID WHERE Items.TAGS IN ($KIND)');
    const listed = await list({ filterArn, filterValues: { KIND: '"kind-3","kind-4"' }, numResults: 5 });
    expect(listed).toHaveLength(5);
    for (const { itemId } of listed) {
      expect(tagsOf(itemId).some((tag) => tag === 'kind-3' || tag === 'kind-4')).toBe(true);
    }
    await expect(list({ filterArn })).rejects.toMatchObject({ name: 'InvalidInputException' });
  });

  test('leaves out what the user has done something with, the moment they did', async () => {
    const filterArn = await filter(
      'unseen',
      'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("like", "view")',
    );
    const all = await list({ filterArn, numResults: 500, userId: 'person-5' });
    const seen = new Set(interactions.photos.filter((_, row) => interactions.persons[row] === 'person-5'));
    expect(all).toHaveLength(items.photos.length - seen.size);
    const [first] = all;
    await put('person-5', first?.itemId ?? '');
    const after = await list({ filterArn, numResults: 500, userId: 'person-5' });
    expect(after.map(({ itemId }) => itemId)).not.toContain(first?.itemId);
  });

  test('fills up with popular items that pass it, which have no score', async () => {
    const filterArn = await filter('seen', 'INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")');
    const listed = await list({ filterArn, userId: 'person-6' });
    const seen = new Set(interactions.photos.filter((_, row) => interactions.persons[row] === 'person-6'));
    expect(new Set(listed.map(({ itemId }) => itemId))).toEqual(seen);
    for (const { score, reason } of listed) expect({ score, reason }).toEqual({ reason: ['Popular item'] });
  });

  test('knows the user who asks', async () => {
    const filterArn = await filter(
      'plan',
      'EXCLUDE ItemID WHERE Items.TAGS IN ("kind-0") IF CurrentUser.PLAN IN ("free")',
    );
    const kinds = async (userId: string) =>
      (await list({ filterArn, userId, numResults: 500 })).filter(({ itemId }) =>
        tagsOf(itemId).includes('kind-0'),
      );
    await personalize.events.send(
      new PutUsersCommand({
        datasetArn: arnOf('dataset/photos/USERS'),
        users: [
          { userId: 'poor', properties: { plan: 'free' } },
          { userId: 'rich', properties: { plan: 'paid' } },
        ],
      } as never),
    );
    expect(await kinds('poor')).toEqual([]);
    expect(await kinds('rich')).not.toEqual([]);
  });

  test('takes out of a ranking what it does not let through', async () => {
    const rankingArn = await deploy(personalize, 'personalized-ranking-v2');
    const filterArn = await filter('not-kind', 'EXCLUDE ItemID WHERE Items.TAGS IN ("kind-0")');
    const { personalizedRanking = [] } = await personalize.runtime.send(
      new GetPersonalizedRankingCommand({
        ...{ campaignArn: rankingArn, userId: 'person-1', filterArn },
        inputList: [...items.photos],
      }),
    );
    const kept = items.photos.filter((item) => !tagsOf(item).includes('kind-0'));
    expect(personalizedRanking.map(({ itemId }) => itemId).toSorted()).toEqual(kept.toSorted());
  });
});

describe('a promotion', () => {
  test('takes its share, named, in order among themselves', async () => {
    // What the user would be shown anyway is promoted: it must not come twice.
    const [top] = await list({ numResults: 1 });
    const [kind = ''] = tagsOf(top?.itemId);
    const promoted = await filter('promoted', `INCLUDE ItemID WHERE Items.TAGS IN ("${kind}")`);
    const promotions = [{ name: 'kind', percentPromotedItems: 30, filterArn: promoted }];
    const listed = await list({ promotions, numResults: 10 });
    expect(listed).toHaveLength(10);
    const own = listed.filter(({ promotionName }) => promotionName === 'kind');
    expect(own).toHaveLength(3);
    for (const { itemId, reason } of own) {
      expect(tagsOf(itemId)).toContain(kind);
      expect(reason).toEqual(['Promoted item']);
    }
    expect(new Set(listed.map(({ itemId }) => itemId)).size).toBe(10);
    const best = await list({ filterArn: promoted, numResults: 3 });
    expect(own.map(({ itemId }) => itemId)).toEqual(best.map(({ itemId }) => itemId));
  });

  test('leaves to others the places that it cannot fill', async () => {
    const none = await filter('none', 'INCLUDE ItemID WHERE Items.TAGS IN ("no-such-tag")');
    const listed = await list({
      promotions: [{ percentPromotedItems: 50, filterArn: none }],
      numResults: 10,
    });
    expect(listed).toHaveLength(10);
    expect(listed.every(({ promotionName }) => promotionName === undefined)).toBe(true);
  });
});

test('metadata come with the items that have them', async () => {
  const [first] = await list({ metadataColumns: { ITEMS: ['TAGS', 'CREATION_TIMESTAMP'] }, numResults: 1 });
  expect(first?.metadata?.tags?.split('|')).toEqual(tagsOf(first?.itemId));
  expect(first?.metadata?.creation_timestamp).toMatch(/^\d+$/);
});

test('a new item is tried out before any training knows it', async () => {
  await personalize.events.send(
    new PutItemsCommand({
      datasetArn: arnOf('dataset/photos/ITEMS'),
      items: [
        {
          itemId: 'brand-new',
          properties: {
            tags: 'kind-1',
            ownerId: 'x',
            creationTimestamp: Math.floor(personalize.clock.now() / 1_000),
          },
        },
      ],
    } as never),
  );
  const listed = await list({ numResults: 10, userId: 'nobody-yet' });
  expect(listed.find(({ itemId }) => itemId === 'brand-new')?.reason).toEqual(['Exploration']);
});

test('an event sent twice counts once, and so does one of the same time and properties', async () => {
  const trending = await deploy(personalize, 'trending-now');
  const top = async () => (await list({ campaignArn: trending, numResults: 2 })).map(({ itemId }) => itemId);
  const [once = '', twice = ''] = items.photos;
  for (let sent = 0; sent < 5; sent += 1) await put('repeater', once, { eventId: 'same' });
  const at = new Date(personalize.clock.now());
  for (let sent = 0; sent < 5; sent += 1) await put('repeater', once, { sentAt: at, properties: { a: 1 } });
  for (let sent = 0; sent < 3; sent += 1) await put('repeater', twice, { eventId: `other-${sent}` });
  expect(await top()).toEqual([twice, once]);
  await personalize.clock.advance(3 * 3_600_000);
  expect(await top()).not.toEqual([twice, once]);
});

describe('other recipes', () => {
  test('popularity-count has what most people did something with', async () => {
    const popular = await deploy(personalize, 'popularity-count');
    const people = (item: string | undefined) =>
      new Set(interactions.persons.filter((_, row) => interactions.photos[row] === item)).size;
    const counts = (await list({ campaignArn: popular, numResults: 50 })).map(({ itemId }) => people(itemId));
    expect(counts[0]).toBe(Math.max(...items.photos.map(people)));
    expect(counts.slice(0, 5)).toEqual(counts.slice(0, 5).toSorted((one, other) => other - one));
  });

  test('similar-items has what is like an item, and needs one', async () => {
    const similar = await deploy(personalize, 'similar-items');
    const [itemId = ''] = items.photos;
    const listed = await list({ campaignArn: similar, userId: undefined, itemId, numResults: 10 });
    expect(listed).toHaveLength(10);
    expect(listed.map((each) => each.itemId)).not.toContain(itemId);
    const alike = listed.filter((each) => tagsOf(each.itemId).some((tag) => tagsOf(itemId).includes(tag)));
    expect(alike.length).toBeGreaterThanOrEqual(5);
    await expect(list({ campaignArn: similar })).rejects.toMatchObject({ name: 'InvalidInputException' });
    const filterArn = await filter('same', 'INCLUDE ItemID WHERE Items.OWNER_ID = CurrentItem.OWNER_ID');
    const same = await list({ campaignArn: similar, itemId, filterArn, numResults: 5 });
    const ownerOf = (item = '') => items.owners?.[items.photos.indexOf(item)];
    expect(same).not.toEqual([]);
    for (const each of same) expect(ownerOf(each.itemId)).toBe(ownerOf(itemId));
    await expect(list({ filterArn })).rejects.toMatchObject({ name: 'InvalidInputException' });
  });
});
