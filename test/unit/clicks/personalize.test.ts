import {
  PersonalizeEventsClient,
  PutEventsCommand,
  PutItemsCommand,
} from '@aws-sdk/client-personalize-events';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import type { InteractionRecord, PhotoRecord } from '../../../lib/clicks/click.ts';
import { tellInteractions, tellPhotos } from '../../../lib/clicks/personalize.ts';
import { toRecommendationId } from '../../../lib/recommendations/attribution.ts';

const client = mockClient(PersonalizeEventsClient);
beforeEach(() => {
  client.reset();
  client.resolves({});
});

const did = (index: number, over: Partial<InteractionRecord> = {}): InteractionRecord => ({
  kind: 'interaction',
  id: `event-${index}`,
  person: 'ana',
  session: 'one',
  type: 'view',
  photoId: `photo-${index}`,
  at: 1_000,
  receivedAt: 1_000,
  ...over,
});
const photo = (version: number, over: Partial<PhotoRecord> = {}): PhotoRecord => ({
  kind: 'photo',
  id: `${version}`,
  photoId: 'photo',
  owner: 'ana',
  tags: ['sea', 'boat'],
  createdAt: 1_700_000_000_500,
  version,
  gone: false,
  receivedAt: 0,
  ...over,
});

const events = () => client.commandCalls(PutEventsCommand).map((call) => call.args[0].input);

test('events go in tens, each call of one person and one session', async () => {
  await tellInteractions([
    ...Array.from({ length: 21 }, (_, index) => did(index)),
    did(30, { session: 'two' }),
    did(31, { person: 'bob' }),
  ]);
  expect(events().map(({ userId, sessionId, eventList }) => [userId, sessionId, eventList?.length])).toEqual([
    ['ana', 'one', 10],
    ['ana', 'one', 10],
    ['ana', 'one', 1],
    ['ana', 'two', 1],
    ['bob', 'one', 1],
  ]);
});

test('it is not told what says no liking: it would take it for one', async () => {
  await tellInteractions([
    did(1, { type: 'impression' }),
    did(2, { type: 'dismiss' }),
    did(3, { type: 'unlike' }),
    did(4, { type: 'upload' }),
    did(5, { type: 'rating', value: 1 }),
  ]);
  expect(events()).toEqual([]);
});

test('an id that is longer than it takes stays out, and the event does not', async () => {
  const made = (length: number) =>
    toRecommendationId({ source: 'personalize', arm: 'main', id: 'r'.repeat(length) });
  await tellInteractions([did(1, { recommendationId: made(40) }), did(2, { recommendationId: made(41) })]);
  expect(events()[0]?.eventList?.map(({ recommendationId }) => recommendationId?.length)).toEqual([
    40,
    undefined,
  ]);
});

test('its own answers are credited by their id, those of others by the rung', async () => {
  await tellInteractions([
    did(1, { recommendationId: toRecommendationId({ source: 'personalize', arm: 'main', id: 'RID-1' }) }),
    did(2, { recommendationId: toRecommendationId({ source: 'built-in', arm: 'main', id: 'x' }) }),
  ]);
  expect(events()[0]?.eventList).toEqual([
    expect.objectContaining({
      recommendationId: 'RID-1',
      metricAttribution: { eventAttributionSource: 'personalize' },
    }),
    expect.objectContaining({ metricAttribution: { eventAttributionSource: 'built-in' } }),
  ]);
  expect(events()[0]?.eventList?.[1]).not.toHaveProperty('recommendationId');
});

test('of a photo it hears the newest version, and nothing of one that is gone', async () => {
  await tellPhotos([photo(2), photo(1, { tags: ['old'] }), photo(3, { photoId: 'gone', gone: true })]);
  const [call, ...more] = client.commandCalls(PutItemsCommand).map(({ args }) => args[0].input);
  expect(more).toEqual([]);
  expect(call?.items).toEqual([
    {
      itemId: 'photo',
      properties: JSON.stringify({ tags: 'sea|boat', ownerId: 'ana', creationTimestamp: 1_700_000_000 }),
    },
  ]);
});

test('tags beyond what a category may hold stay out, and the photo does not', async () => {
  await tellPhotos([
    photo(1, { tags: Array.from({ length: 30 }, (_, index) => `${index + 10}${'x'.repeat(48)}`) }),
  ]);
  const [item] = client.commandCalls(PutItemsCommand)[0]?.args[0].input.items ?? [];
  const { tags } = JSON.parse(String(item?.properties));
  expect(tags.length).toBe(968);
  expect(tags.split('|').map((tag: string) => tag.length)).toEqual(Array(19).fill(50));
});
