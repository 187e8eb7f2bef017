import { eventWeight, type Interactions, type Items } from '../../lib/recommendations/interactions.ts';
import type { Profile } from '../../lib/recommendations/profile.ts';
import type { GroupData } from './data.ts';
import type { Interaction } from './histories.ts';
import type { ResourceOf } from './resources.ts';
import type { Row } from './schema.ts';

/** Which events a solution learns from. */
export type Syllabus = Pick<ResourceOf<'solution'>, 'eventType' | 'solutionConfig'>;

/** Everything that training takes. */
export interface Lessons {
  readonly interactions: Interactions;
  readonly items: Items;
}

/** The columns of the items dataset that the model understands besides ITEM_ID. */
const TAGS = 'TAGS';
const OWNER = 'OWNER_ID';
const CREATED = 'CREATION_TIMESTAMP';

/**
 * The type by which the model weighs an event. It knows its own types by name and takes every other, as Personalize
 * does, for a sign of interest: a view.
 */
function weighedType({ type }: Pick<Interaction, 'type'>): string {
  const own = type.toLowerCase();
  return own === 'impression' || own === 'rating' || eventWeight(own) !== 0 ? own : 'view';
}

/** What users did that the solution learns from. */
export function learntFrom(data: GroupData, syllabus: Syllabus): Interaction[] {
  return [...data.histories.all()].filter((each) => isTaught(each, syllabus));
}

/** The columns to train with: interactions, and as impressions what users were shown at them. */
export function lessonsOf(data: GroupData, interactions: readonly Interaction[]): Lessons {
  const columns = {
    persons: [] as string[],
    photos: [] as string[],
    types: [] as string[],
    times: [] as number[],
    values: [] as number[],
  };
  const add = (person: string, photo: string, type: string, time: number, value = Number.NaN) => {
    columns.persons.push(person);
    columns.photos.push(photo);
    columns.types.push(type);
    columns.times.push(time);
    columns.values.push(value);
  };
  for (const each of interactions) {
    const { user, item, at, value, impression = [] } = each;
    add(user, item, weighedType(each), at, value);
    for (const shown of impression) add(user, shown, 'impression', at);
  }
  const records = data.recordsOf('Items').map(itemOf);
  return {
    interactions: columns,
    items: {
      photos: records.map(({ photoId }) => photoId),
      tags: records.map(({ tags }) => tags),
      owners: records.map(({ owner }) => owner ?? ''),
      createdAt: records.map(({ createdAt }) => createdAt),
    },
  };
}

/** An item as the model sees it. `createdAt` is 0 where that isn't known. */
export function itemOf(row: Row): { photoId: string; tags: string[]; owner?: string; createdAt: number } {
  const { [TAGS]: tags, [OWNER]: owner, [CREATED]: created } = row;
  return {
    photoId: String(row.ITEM_ID),
    tags: typeof tags === 'string' ? tags.split('|').filter((tag) => tag !== '') : [],
    ...(typeof owner === 'string' && { owner }),
    createdAt: typeof created === 'number' ? created * 1_000 : 0,
  };
}

/** What a user did of late, as the model reads it. */
export function profileOf(newest: readonly Interaction[]): Profile {
  return newest.map((each) => ({
    photoId: each.item,
    type: weighedType(each),
    at: each.at,
    ...(each.value !== undefined && { value: each.value }),
  }));
}

function isTaught({ type, value }: Interaction, { eventType, solutionConfig = {} }: Syllabus): boolean {
  const { eventsConfig, eventValueThreshold } = solutionConfig;
  const list = eventsConfig?.eventParametersList ?? [];
  if (list.length > 0) {
    const own = list.find((each) => each.eventType === type);
    return own !== undefined && (value ?? Number.POSITIVE_INFINITY) >= (own.eventValueThreshold ?? 0);
  }
  if (eventType !== undefined && type !== eventType) return false;
  return (
    eventValueThreshold === undefined || (value ?? Number.NEGATIVE_INFINITY) >= Number(eventValueThreshold)
  );
}
