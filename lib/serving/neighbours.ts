import { findTaste, profileOf } from '../clicks/person.ts';
import { newId } from '../ids.ts';
import type { Photo } from '../photos/photo.ts';
import { recentPhotos } from '../photos/recent.ts';
import { explain, rank, similar } from '../recommendations/recommend.ts';
import { armOf, byAge, byTrend, climb, type Recommended, type Rung } from './rungs.ts';
import { type Proposal, Selection, withHonestReasons } from './selection.ts';
import { trainedModel } from './trained.ts';

/** New photos that are looked at for the same tags. */
const NEWEST = 200;
/** Proposals beyond what is wanted: some may not be shown. */
const MORE = 20;

/**
 * Photos like one that the viewer may see: by the model, else new ones of the same tags, else what is trending or
 * new. The viewer's own are left out, and what they dismissed.
 */
export async function similarTo(
  viewerId: string | undefined,
  photo: Photo,
  limit: number,
  now = new Date(),
): Promise<Recommended> {
  const taste = viewerId === undefined ? undefined : await findTaste(viewerId);
  const selection = new Selection(viewerId, limit, [photo.id, ...(taste?.dismissed ?? [])]);
  const answered = await climb(selection, [byModel(photo, limit + MORE), bySameTags(photo), byTrend, byAge]);
  return {
    photos: await withHonestReasons(viewerId, selection.all),
    source: answered?.source ?? 'newest',
    arm: armOf(viewerId),
    id: newId(now),
  };
}

/**
 * These photos, which the person must have been found to be allowed to see, in the order that suits them; those that
 * the model does not know come last, as given.
 */
export async function rankFor(
  userId: string,
  photos: readonly Photo[],
  now = new Date(),
): Promise<Recommended> {
  const arm = armOf(userId);
  const model = arm === 'main' ? await trainedModel() : undefined;
  const unranked = photos.map((photo) => ({ photo, reason: { code: 'new' as const } }));
  if (!model) return { photos: unranked, source: 'newest', arm, id: newId(now) };
  const taste = await findTaste(userId);
  const profile = taste ? profileOf(taste) : [];
  const byId = new Map(photos.map((photo) => [photo.id, photo]));
  const order = rank(model, profile, [...byId.keys()], { now: now.getTime() }).map(({ photoId }) => photoId);
  const reasons = explain(model, profile, order, now.getTime());
  const selected = order.map((id) => ({
    photo: byId.get(id) as Photo,
    reason: reasons.get(id) ?? { code: 'new' as const },
  }));
  return { photos: await withHonestReasons(userId, selected), source: 'built-in', arm, id: newId(now) };
}

function byModel({ id, tags }: Photo, count: number): Rung {
  return {
    source: 'built-in',
    ask: async () => {
      const model = await trainedModel();
      const found = model ? similar(model, id, count, tags) : [];
      return {
        proposals: found.map(({ photoId }) => ({ photoId, reason: { code: 'similar', photoId: id } })),
      };
    },
  };
}

function bySameTags({ tags }: Photo): Rung {
  return {
    source: 'newest',
    ask: async () => {
      const recent = await recentPhotos(NEWEST);
      const proposals = recent.flatMap(({ photoId, tags: others }): Proposal[] => {
        const tag = others.find((each) => tags.includes(each));
        return tag === undefined ? [] : [{ photoId, reason: { code: 'tag', tag } }];
      });
      return { proposals };
    },
  };
}
