import { ServiceError } from '../contract.ts';
import { inUse, invalid, notFound } from './errors.ts';
import type { PutEvents } from './events-input.ts';
import type { Interaction } from './histories.ts';
import type { ResourceOf } from './resources.ts';
import { fits, type Row, type Schema, type Value } from './schema.ts';
import type { World } from './world.ts';

/** API Reference, Event: names that properties may not have, in any case. */
const RESERVED = ['userid', 'sessionid', 'eventtype', 'timestamp', 'recommendationid', 'impression'];

/** PutEvents: what happened is part of the user's history, or of the session's, from the answer on. */
export function putEvents(world: World, { trackingId, userId, sessionId, eventList }: PutEvents): void {
  const { resources, shown } = world;
  const tracker = resources.all('event-tracker').find((each) => each.trackingId === trackingId);
  if (!tracker || !resources.isActive(tracker)) {
    throw invalid(`There is no active event tracker with the tracking ID ${trackingId}.`);
  }
  const interactions = eventList.map((event): Interaction => {
    const { itemId, properties, recommendationId, eventValue, metricAttribution } = event;
    checkProperties(properties);
    if (itemId === undefined) throw invalid('An event needs an itemId.');
    const answered = recommendationId === undefined ? undefined : shown.of(recommendationId);
    const impression = event.impression ?? answered?.items;
    const source = metricAttribution?.eventAttributionSource ?? answered?.campaignArn;
    return {
      ...{ user: userId ?? sessionId, session: sessionId, item: itemId, type: event.eventType },
      at: Math.round(event.sentAt * 1_000),
      ...(event.eventId !== undefined && { eventId: event.eventId }),
      ...(eventValue !== undefined && { value: eventValue }),
      ...(impression && { impression }),
      ...(source !== undefined && { source }),
      ...(properties !== undefined && { properties }),
    };
  });
  world.dataOf(tracker.datasetGroupArn).record(interactions);
}

/** PutItems and PutUsers: records take the place of those with the same id. */
export function putRecords(
  world: World,
  datasetType: 'Items' | 'Users',
  datasetArn: string,
  records: readonly { readonly id: string; readonly properties?: string | undefined }[],
): void {
  const { resources } = world;
  const dataset = resources.of('dataset', datasetArn);
  if (!dataset || dataset.datasetType !== datasetType) {
    throw notFound(`There is no ${datasetType} dataset ${datasetArn}.`, 404);
  }
  if (!resources.isActive(dataset)) throw conflict(dataset, resources.statusOf(dataset));
  const schema = world.schemaOf(dataset.datasetGroupArn, datasetType) as Schema;
  world.dataOf(dataset.datasetGroupArn).put(
    datasetType,
    records.map(({ id, properties }) => rowOf(schema, id, properties)),
  );
}

function conflict({ arn }: ResourceOf<'dataset'>, status: string): ServiceError {
  const { code, message } = inUse(`The dataset must be ACTIVE, it is ${status}: ${arn}`);
  return new ServiceError(code, message, 409);
}

function checkProperties(properties: string | undefined): void {
  if (properties === undefined) return;
  const reserved = Object.keys(objectOf(properties)).find((name) => RESERVED.includes(name.toLowerCase()));
  if (reserved !== undefined) throw invalid(`The properties of an event may not have the name ${reserved}.`);
}

/** A record by its schema: `creationTimestamp` is the column CREATION_TIMESTAMP. */
function rowOf({ datasetType, columns }: Schema, id: string, properties = '{}'): Row {
  const key = datasetType === 'Items' ? 'ITEM_ID' : 'USER_ID';
  const row: Record<string, Value> = { [key]: id };
  for (const [name, value] of Object.entries(objectOf(properties))) {
    const column = columns.find((each) => plain(each.name) === plain(name));
    if (!column || column.name === key) {
      throw invalid(`The ${datasetType} dataset has no column for the property ${name}.`);
    }
    if (!fits(value, column)) {
      throw invalid(`Expected ${column.types.join(' or ')} for ${name}, got ${JSON.stringify(value)}.`);
    }
    row[column.name] = value;
  }
  return row;
}

function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

function objectOf(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {}
  throw invalid('Expected properties to be a JSON object.');
}
