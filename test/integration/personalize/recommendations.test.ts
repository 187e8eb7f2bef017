import { PutEventsCommand } from '@aws-sdk/client-personalize-events';
import {
  GetPersonalizedRankingCommand,
  GetRecommendationsCommand,
} from '@aws-sdk/client-personalize-runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Personalized, startPersonalize } from '../../support/personalize.ts';
import { deploy, importWorld, world } from '../../support/trained.ts';

let personalize: Personalized;
let campaignArn: string;
beforeAll(async () => {
  personalize = await startPersonalize();
  await importWorld(personalize);
  campaignArn = await deploy(personalize, 'user-personalization-v2');
});
afterAll(() => personalize.stop());

const recommend = async (userId: string, more = {}) =>
  personalize.runtime.send(new GetRecommendationsCommand({ campaignArn, userId, ...more }));
const idsFor = async (userId: string, more = {}) =>
  (await recommend(userId, more)).itemList?.map(({ itemId }) => itemId as string) ?? [];
const put = (sessionId: string, itemId: string, more: { userId?: string; eventId?: string } = {}) =>
  personalize.events.send(
    new PutEventsCommand({
      trackingId: personalize.trackingId,
      sessionId,
      ...(more.userId !== undefined && { userId: more.userId }),
      eventList: [
        {
          ...{ eventType: 'like', sentAt: new Date(personalize.clock.now()), itemId },
          ...(more.eventId !== undefined && { eventId: more.eventId }),
        },
      ],
    }),
  );

describe('GetRecommendations', () => {
  test('answers 25 items with scores that are shares of all, under an id', async () => {
    const { itemList = [], recommendationId } = await recommend('person-1');
    expect(recommendationId).toMatch(/^RID-[0-9a-f-]{36}$/);
    expect(new Set(itemList.map(({ itemId }) => itemId)).size).toBe(25);
    const scores = itemList.map(({ score }) => score ?? 0);
    expect(scores.every((score) => score > 0 && score < 1)).toBe(true);
    expect(scores.reduce((sum, score) => sum + score)).toBeLessThanOrEqual(1);
  });

  test('answers somebody else something else, and the same person the same', async () => {
    const first = await idsFor('person-1');
    expect(await idsFor('person-2')).not.toEqual(first);
    expect(await idsFor('person-1')).toEqual(first);
  });

  test('answers as many as are asked for', async () => {
    expect(await idsFor('person-1', { numResults: 3 })).toHaveLength(3);
    expect(await idsFor('person-1', { numResults: 500 })).toHaveLength(world.items.photos.length);
  });
});

describe('PutEvents', () => {
  test('moves the next answer at once', async () => {
    const before = await idsFor('person-3');
    await put('session-3', before[0] as string, { userId: 'person-3' });
    const after = await idsFor('person-3');
    expect(after).not.toEqual(before);
    expect(after.slice(0, 20)).not.toContain(before[0]);
  });

  test('counts for a session of nobody, and for the user once there is one', async () => {
    const [item = ''] = world.items.photos;
    const asStranger = await idsFor('session-of-nobody');
    await put('session-of-nobody', item);
    const asSession = await idsFor('session-of-nobody');
    expect(asSession).not.toEqual(asStranger);
    await put('session-of-nobody', item, { userId: 'newcomer', eventId: 'other' });
    expect((await idsFor('newcomer')).slice(0, 20)).not.toContain(item);
    expect(await idsFor('session-of-nobody')).toEqual(asStranger);
  });
});

describe('GetPersonalizedRanking', () => {
  test('orders the items, and puts those that nobody knows last, without a score', async () => {
    const ranking = await deploy(personalize, 'personalized-ranking-v2');
    const inputList = ['unknown-1', ...world.items.photos.slice(0, 5), 'unknown-2'];
    const { personalizedRanking = [], recommendationId } = await personalize.runtime.send(
      new GetPersonalizedRankingCommand({ campaignArn: ranking, userId: 'person-1', inputList }),
    );
    expect(recommendationId).toMatch(/^RID-/);
    const scores = personalizedRanking.map(({ score }) => score);
    expect(scores.slice(5)).toEqual([undefined, undefined]);
    expect(personalizedRanking.slice(5).map(({ itemId }) => itemId)).toEqual(['unknown-1', 'unknown-2']);
    expect(scores.slice(0, 5)).toEqual(
      scores.slice(0, 5).toSorted((one, other) => Number(other) - Number(one)),
    );
  });
});
