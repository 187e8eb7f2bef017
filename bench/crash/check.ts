import type { Actor } from './actor.ts';
import { checkClicks } from './check-clicks.ts';
import { type HandedIn, mayBe, settled } from './ledger.ts';
import { settle } from './settle.ts';
import { interactionsIn, itemsIn, objectsIn, refusedClicksIn, type StoredItem } from './stored.ts';
import { enterAll, type World } from './world.ts';

interface View {
  readonly id: string;
  readonly status: string;
  readonly caption: string;
  readonly counts: { readonly likes: number };
  readonly viewer: { readonly liked: boolean };
}

/** What somebody sees. */
interface Sight {
  readonly shown: readonly View[];
  readonly trash: readonly View[];
  readonly feed: readonly View[];
}

/** What a look at the settled stack found. */
export interface Findings {
  readonly photos: number;
  readonly items: number;
  readonly objects: number;
  readonly announcements: number;
  /** Interactions on file. */
  readonly interactions: number;
  /** Every broken promise, in a sentence. */
  readonly violations: readonly string[];
}

/** Ends what the load began, lets the stack come to rest, and compares everything with the ledger. */
export async function settleAndCheck(world: World): Promise<Findings> {
  const { actors, ledger, stack } = world;
  const violations = await settle(world);
  await enterAll(world);
  const objects = await objectsIn(stack);
  const items = await itemsIn(stack);
  const interactions = await interactionsIn(stack);
  const sights = new Map<string, Sight>();
  for (const actor of actors) {
    const photos = ledger.photos.filter(({ owner }) => owner === actor);
    const sight = await sightOf(actor);
    sights.set(actor.name, sight);
    violations.push(...checkOwn(actor, sight, photos));
  }
  let announcements = 0;
  for (const actor of actors) {
    const told = await checkTold(actor, sights.get(actor.name) as Sight, world);
    announcements += told.count;
    violations.push(...told.violations, ...(await checkFollowing(actor, world)));
  }
  violations.push(...compareObjects(objects, items));
  const shown = new Map(Array.from(sights, ([name, sight]) => [name, likesShown(sight)]));
  violations.push(...(await checkClicks(world, { items, interactions, shown })));
  for (const key of await refusedClicksIn(stack)) violations.push(`events were refused: ${key}`);
  return {
    photos: ledger.photos.length,
    items: items.length,
    objects: objects.size,
    announcements,
    interactions: interactions.length,
    violations,
  };
}

async function sightOf(actor: Actor): Promise<Sight> {
  return {
    shown: await actor.list<View>('/me/photos'),
    trash: await actor.list<View>('/me/trash'),
    feed: await actor.list<View>('/feed'),
  };
}

function likesShown({ shown, trash, feed }: Sight) {
  return new Map(
    [...shown, ...trash, ...feed].map(({ id, counts, viewer }) => [id, { ...counts, ...viewer }]),
  );
}

/**
 * Every photo that was handed in is there once, ready, and as its owner left it. From then on the ledger knows
 * what became of what got no answer.
 */
function checkOwn(actor: Actor, { shown, trash }: Sight, photos: readonly HandedIn[]): string[] {
  const violations: string[] = [];
  const found = new Map<string, { view: View; trashed: boolean }>();
  for (const [views, trashed] of [
    [shown, false],
    [trash, true],
  ] as const) {
    for (const view of views) {
      if (found.has(view.id)) violations.push(`photo ${view.id} is listed twice`);
      found.set(view.id, { view, trashed });
    }
  }
  for (const photo of photos) {
    const { view, trashed } = found.get(photo.id ?? '') ?? {};
    found.delete(photo.id ?? '');
    const name = `photo ${photo.id} of ${actor.name}, handed in ${photo.way},`;
    if (!view) {
      violations.push(`${name} is missing`);
      continue;
    }
    if (view.status !== 'ready') violations.push(`${name} is ${view.status}`);
    if (!mayBe(photo.caption, view.caption)) violations.push(`${name} has the caption "${view.caption}"`);
    if (!mayBe(photo.trashed, trashed === true))
      violations.push(`${name} is ${trashed ? '' : 'not '}in the trash`);
    settled(photo.caption, view.caption);
    settled(photo.trashed, trashed === true);
  }
  for (const id of found.keys()) violations.push(`photo ${id} of ${actor.name} was handed in by nobody`);
  return violations;
}

/** Everybody follows everybody: each feed has each photo that isn't in the trash once, each inbox one notice. */
async function checkTold(
  actor: Actor,
  sight: Sight,
  { actors, ledger }: World,
): Promise<{ count: number; violations: string[] }> {
  const violations: string[] = [];
  const others = ledger.photos.filter(({ owner }) => owner !== actor && actors.includes(owner));
  const feed = sight.feed.map(({ id }) => id);
  const notices = await actor.list<{ type: string; photoId: string | null; read: boolean }>('/notifications');
  const shared = notices.filter(({ type }) => type === 'photo-shared').map(({ photoId }) => photoId);
  for (const { id = '', trashed, everTrashed } of others) {
    const [inFeed, told] = [feed, shared].map((ids) => ids.filter((one) => one === id).length);
    const place = `photo ${id} is ${inFeed} times in the feed of ${actor.name} and ${told} times in the inbox`;
    const expected = trashed.acknowledged ? 0 : 1;
    // One that was in the trash while it became ready is told to nobody later on.
    const enough = everTrashed ? told === 0 || told === expected : told === expected;
    if (inFeed !== expected || !enough) violations.push(place);
  }
  const unread = notices.filter(({ read }) => !read).length;
  const { body } = await actor.insist('GET', '/notifications/unread-count');
  const { count } = body as { count: number };
  if (count !== Math.min(unread, 100))
    violations.push(`${actor.name} has ${unread} unread and is told ${count}`);
  return { count: shared.length, violations };
}

async function checkFollowing(actor: Actor, { idol, ledger }: World): Promise<string[]> {
  const expected = ledger.following.get(actor);
  const { body } = await actor.insist('GET', `/users/${idol.userId}`);
  const { following } = (body as { viewer: { following: boolean } }).viewer;
  if (!expected) return [];
  const right = mayBe(expected, following);
  settled(expected, following);
  return right ? [] : [`${actor.name} is ${following ? '' : 'not '}following`];
}

/** The bucket holds the objects that the table's photos name, all of them and no others. */
function compareObjects(
  objects: ReadonlyMap<string, readonly string[]>,
  items: readonly StoredItem[],
): string[] {
  const named = new Map(
    items.filter(({ sk }) => sk === 'PHOTO').map((item) => [item.pk.slice('PHOTO#'.length), item]),
  );
  const violations: string[] = [];
  for (const id of new Set([...objects.keys(), ...named.keys()])) {
    const there = [...(objects.get(id) ?? [])].sort();
    const { originalKey = '', renditions = [] } = named.get(id) ?? {};
    const wanted = [originalKey, ...renditions.map(({ key }) => key)].sort();
    if (there.join() !== wanted.join()) {
      violations.push(`photo ${id} names the objects ${wanted.join()}, the bucket has ${there.join()}`);
    }
  }
  return violations;
}
