import { decodeTime } from 'ulid';
import { countBy } from '../observe.ts';
import { attributionOf } from '../recommendations/attribution.ts';
import type { InteractionRecord } from './click.ts';

/** How old a photo may be to count as a newcomer. */
const NEWCOMER_MS = 30 * 86_400_000;

const METRICS: Partial<Record<InteractionRecord['type'], string>> = {
  impression: 'Impressions',
  view: 'Clicks',
  click: 'Clicks',
  like: 'Likes',
  share: 'Shares',
  download: 'Downloads',
  purchase: 'Purchases',
  rating: 'Ratings',
  dismiss: 'Dismissals',
};

type Counts = Record<string, number>;

/**
 * Credits what people did to what showed it to them: counts by rung, surface and arm of the experiment, and by
 * place in the answer. Click-through is Clicks by Impressions, conversion Likes or Purchases by Impressions,
 * newcomer exposure NewcomerImpressions by Impressions. What came by another way is nobody's credit.
 */
export function credit(interactions: readonly InteractionRecord[]): void {
  for (const { dimensions, counts } of creditsOf(interactions)) countBy(dimensions, counts);
}

/** The counts that `credit` writes out, by dimensions. */
export function creditsOf(interactions: readonly InteractionRecord[]) {
  const credits = new Map<string, { dimensions: Record<string, string>; counts: Counts }>();
  const add = (dimensions: Record<string, string>, names: readonly string[]) => {
    const name = JSON.stringify(dimensions);
    const counts: Counts = credits.get(name)?.counts ?? {};
    for (const each of names) counts[each] = (counts[each] ?? 0) + 1;
    credits.set(name, { dimensions, counts });
  };
  for (const { type, photoId, at, recommendationId, surface = 'other', position } of interactions) {
    const metric = METRICS[type];
    const attribution = recommendationId === undefined ? undefined : attributionOf(recommendationId);
    if (!metric || !attribution) continue;
    const isNewcomer = type === 'impression' && at - decodeTime(photoId) < NEWCOMER_MS;
    const { source, arm } = attribution;
    add({ source, surface, arm }, isNewcomer ? [metric, 'NewcomerImpressions'] : [metric]);
    if (position !== undefined) add({ place: placeOf(position) }, [metric]);
  }
  return [...credits.values()];
}

/** Places of an answer that are looked at alike. */
function placeOf(position: number): string {
  if (position === 0) return 'first';
  if (position < 3) return 'second-third';
  return position < 10 ? 'first-ten' : 'further';
}
