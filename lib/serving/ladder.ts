import * as z from 'zod';
import { findTaste, personHash, profileOf, type Taste } from '../clicks/person.ts';
import { env } from '../env.ts';
import { newId } from '../ids.ts';
import { recentPhotos } from '../photos/recent.ts';
import { eventWeight } from '../recommendations/interactions.ts';
import type { Profile } from '../recommendations/profile.ts';
import { hashOf } from '../recommendations/random.ts';
import { explain, recommend } from '../recommendations/recommend.ts';
import { keys } from '../table/keys.ts';
import { get } from '../table/read.ts';
import { put } from '../table/write.ts';
import { askPersonalize } from './personalize.ts';
import { armOf, byAge, byTrend, climb, type Recommended, type Rung } from './rungs.ts';
import { type Proposal, Selection, withHonestReasons } from './selection.ts';
import { trainedModel } from './trained.ts';

/** How long a list that Personalize gave is good enough where it does not answer. */
const LAST_LIST_SECONDS = 3_600;
const LAST_LIST_LENGTH = 60;
/** New photos that have a chance to be tried out. */
const FRESH = 50;
/** The same person sees the same chances for so long, so that a page can be loaded again. */
const SEED_MS = 10 * 60_000;

interface Asked {
  readonly userId: string;
  readonly taste: Taste | undefined;
  readonly profile: Profile;
  /** How many proposals to make: more than are wanted, as some may not be shown. */
  readonly count: number;
  readonly now: Date;
}

/**
 * The photos to show somebody next. Rung by rung, until there are as many as wanted: Personalize, the last list it
 * gave, the built-in model, what is trending, what is newest; those in the hold-out see the last two alone. After
 * each rung what the person may not see is left out, and what they have seen, dismissed or taken themselves. The
 * source is the first rung that had something.
 */
export async function recommendTo(userId: string, limit: number, now = new Date()): Promise<Recommended> {
  const taste = living(await findTaste(userId));
  const profile = taste ? profileOf(taste) : [];
  const seen = profile.filter(({ type, value }) => eventWeight(type, value) !== 0);
  const leftOut = [...seen.map(({ photoId }) => photoId), ...(taste?.dismissed ?? [])];
  const selection = new Selection(userId, limit, leftOut);
  const arm = armOf(userId);
  const asked = { userId, taste, profile, count: 2 * limit + 20, now };
  const answered = await climb(selection, [...(arm === 'main' ? personalRungs(asked) : []), byTrend, byAge]);
  return {
    photos: await withHonestReasons(userId, selection.all),
    source: answered?.source ?? 'newest',
    arm,
    id: answered?.id ?? newId(now),
  };
}

function personalRungs(asked: Asked): Rung[] {
  return [
    { source: 'personalize', ask: () => byPersonalize(asked) },
    { source: 'last-list', ask: () => byLastList(asked) },
    { source: 'built-in', ask: () => byModel(asked) },
  ];
}

async function byPersonalize({ userId, taste, profile, count, now }: Asked) {
  const answer = taste && (await askPersonalize(personHash(taste, userId), count));
  if (!answer) return { proposals: [] };
  const { photoIds, id, popular } = answer;
  const proposals = (await explained(photoIds, profile, now)).map(
    (proposal): Proposal =>
      popular.has(proposal.photoId) ? { ...proposal, reason: { code: 'trending' } } : proposal,
  );
  await keepLastList(userId, photoIds, now);
  return { proposals, id };
}

const lastListItem = z.object({ photoIds: z.array(z.string()), expiresAt: z.number() });

async function keepLastList(userId: string, photoIds: readonly string[], now: Date): Promise<void> {
  const expiresAt = Math.floor(now.getTime() / 1_000) + LAST_LIST_SECONDS;
  const item = { entity: 'last-list', photoIds: photoIds.slice(0, LAST_LIST_LENGTH), expiresAt };
  await put({ ...keys.lastList(userId, 'home'), ...item }, undefined, now);
}

async function byLastList({ userId, taste, profile, now }: Asked) {
  if (env.PERSONALIZE_CAMPAIGN_ARN === '' || !taste) return { proposals: [] };
  const item = await get(keys.lastList(userId, 'home'));
  const list = item && lastListItem.parse(item);
  if (!list || list.expiresAt * 1_000 <= now.getTime()) return { proposals: [] };
  return { proposals: await explained(list.photoIds, profile, now) };
}

/** Personalize says nothing of why; the built-in model does. */
async function explained(photoIds: readonly string[], profile: Profile, now: Date): Promise<Proposal[]> {
  const model = await trainedModel();
  const reasons = model && explain(model, profile, photoIds, now.getTime());
  return photoIds.map((photoId) => ({ photoId, reason: reasons?.get(photoId) ?? { code: 'trending' } }));
}

async function byModel({ userId, taste, profile, count, now }: Asked) {
  const model = await trainedModel();
  if (!model || model.photoIds.length === 0) return { proposals: [] };
  const recent = await recentPhotos(FRESH);
  const others = recent.filter(({ ownerId }) => ownerId !== userId);
  const answer = recommend(model, profile, {
    limit: count,
    exclude: taste?.dismissed ?? [],
    now: now.getTime(),
    seed: hashOf(`${userId} ${Math.floor(now.getTime() / SEED_MS)}`),
    fresh: others.map(({ photoId, ownerId, tags, createdAt }) => ({
      photoId,
      owner: ownerId,
      tags,
      createdAt: Date.parse(createdAt),
    })),
  });
  return { proposals: answer };
}

function living(taste: Taste | undefined): Taste | undefined {
  return taste?.destroyedAt === undefined ? taste : undefined;
}
