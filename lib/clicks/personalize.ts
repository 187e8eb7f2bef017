import { type Event, PutEventsCommand, PutItemsCommand } from '@aws-sdk/client-personalize-events';
import { personalizeEvents } from '../aws/personalize.ts';
import { env } from '../env.ts';
import { attributionOf } from '../recommendations/attribution.ts';
import { eventWeight } from '../recommendations/interactions.ts';
import { categoriesOf } from './categories.ts';
import type { InteractionRecord, PhotoRecord } from './click.ts';

/** PutEvents and PutItems take ten a call. */
const BATCH = 10;
/** PutEvents takes a thousand calls a second for an account. */
const CALLS_AT_ONCE = 8;
/** PutEvents refuses all ten for a longer one, which only an id that a client made up can be. */
const RECOMMENDATION_ID_LENGTH = 40;

/**
 * Tells Personalize what people did, where the stage has it. It learns from whatever it is told as from a liking, so
 * that impressions and dismissals stay out. What is told twice counts once, by its id.
 */
export async function tellInteractions(interactions: readonly InteractionRecord[]): Promise<void> {
  const { PERSONALIZE_TRACKING_ID: trackingId } = env;
  if (trackingId === '') return;
  const telling = interactions.filter(({ type, value }) => eventWeight(type, value) > 0);
  const sessions = Map.groupBy(telling, ({ person, session }) => `${person}/${session}`);
  const calls = [...sessions.values()].flatMap((own) =>
    batches(own).map((events) => {
      const [{ person: userId, session: sessionId }] = events;
      return new PutEventsCommand({ trackingId, userId, sessionId, eventList: events.map(toEvent) });
    }),
  );
  await sendAll(calls, (call) => personalizeEvents.send(call));
}

/** Tells Personalize which photos there are to recommend. It cannot be told that one is gone. */
export async function tellPhotos(photos: readonly PhotoRecord[]): Promise<void> {
  const { PERSONALIZE_ITEMS_ARN: datasetArn } = env;
  if (datasetArn === '') return;
  const newest = new Map<string, PhotoRecord>();
  for (const photo of photos) {
    if (photo.version > (newest.get(photo.photoId)?.version ?? 0)) newest.set(photo.photoId, photo);
  }
  const items = [...newest.values()].filter(({ gone }) => !gone);
  const calls = batches(items).map((part) => new PutItemsCommand({ datasetArn, items: part.map(toItem) }));
  await sendAll(calls, (call) => personalizeEvents.send(call));
}

function toEvent({ id, type, at, photoId, value, recommendationId }: InteractionRecord): Event {
  const attribution = recommendationId === undefined ? undefined : attributionOf(recommendationId);
  return {
    eventId: id,
    eventType: type,
    sentAt: new Date(at),
    itemId: photoId,
    ...(value !== undefined && { eventValue: value }),
    ...(attribution?.source === 'personalize' &&
      attribution.id.length <= RECOMMENDATION_ID_LENGTH && { recommendationId: attribution.id }),
    ...(attribution && { metricAttribution: { eventAttributionSource: attribution.source } }),
  };
}

function toItem({ photoId, tags, owner, createdAt }: PhotoRecord) {
  return {
    itemId: photoId,
    properties: JSON.stringify({
      ...(tags.length > 0 && { tags: categoriesOf(tags) }),
      ...(owner !== undefined && { ownerId: owner }),
      creationTimestamp: Math.floor(createdAt / 1_000),
    }),
  };
}

function batches<One>(all: readonly One[]): [One, ...One[]][] {
  const parts: One[][] = [];
  for (let from = 0; from < all.length; from += BATCH) parts.push(all.slice(from, from + BATCH));
  return parts as [One, ...One[]][];
}

async function sendAll<Call>(calls: readonly Call[], send: (call: Call) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < calls.length; from += CALLS_AT_ONCE) {
    await Promise.all(calls.slice(from, from + CALLS_AT_ONCE).map(send));
  }
}
