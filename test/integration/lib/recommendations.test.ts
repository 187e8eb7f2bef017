import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Photo } from '../../../lib/photos/photo.ts';
import { aPhotoItem } from '../../support/items.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';
import { aHash, anInteraction, aPhotoRecord } from '../../support/tastes.ts';

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  process.env.PERSONALIZE_CAMPAIGN_ARN = '';
  return {
    ...(await import('../../../lib/clicks/person.ts')),
    ...(await import('../../../lib/clicks/rows.ts')),
    ...(await import('../../../lib/ids.ts')),
    ...(await import('../../../lib/people/follow.ts')),
    ...(await import('../../../lib/photos/photo.ts')),
    ...(await import('../../../lib/photos/recent.ts')),
    ...(await import('../../../lib/recommendations/train.ts')),
    ...(await import('../../../lib/serving/ladder.ts')),
    ...(await import('../../../lib/serving/neighbours.ts')),
    ...(await import('../../../lib/serving/trained.ts')),
    ...(await import('../../../lib/photos/visibility.ts')),
    ...(await import('../../../lib/table/keys.ts')),
    ...(await import('../../../lib/table/write.ts')),
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

const CREATED = new Date(Date.now() - 86_400_000);

async function aPhoto(ownerId: string, changes: Partial<Photo> = {}): Promise<Photo> {
  const id = lib.newId(CREATED);
  const item = aPhotoItem({ id, ownerId, createdAt: CREATED.toISOString(), ...changes });
  await lib.put(item as never);
  const photo = lib.toPhoto(item);
  await lib.showAsRecent(photo, new Date());
  return photo;
}

/** Trains the model that everybody here is answered with. */
async function publish(liked: readonly { person: string; photo: Photo }[], photos: readonly Photo[]) {
  const records = [
    ...photos.map(({ id, tags }) => aPhotoRecord(id, { tags, createdAt: CREATED.getTime() })),
    ...liked.map(({ person, photo }) => anInteraction({ person, photoId: photo.id, type: 'like' })),
  ];
  const { interactions, items } = lib.rowsOf(records);
  await lib.publishModel(lib.train(interactions, items), new Date());
}

const idsOf = ({ photos }: Awaited<ReturnType<typeof lib.recommendTo>>) =>
  photos.map(({ photo }) => photo.id);

describe('before anything was learnt', () => {
  it('shows what is newest, without the caller’s own and what they have seen', async () => {
    const [ana, bob] = [randomUUID(), randomUUID()];
    const [mine, seen, dismissed, other] = [
      await aPhoto(ana),
      await aPhoto(bob),
      await aPhoto(bob),
      await aPhoto(bob),
    ];
    const taste = await lib.tasteOf(ana);
    await lib.remember(ana, taste as never, [
      { id: 'a', photoId: seen.id, type: 'view', at: 1 },
      { id: 'b', photoId: dismissed.id, type: 'dismiss', at: 2 },
    ]);
    const answer = await lib.recommendTo(ana, 20);
    expect(answer).toMatchObject({ source: 'newest', arm: 'main' });
    expect(idsOf(answer)).toContain(other.id);
    for (const { id } of [mine, seen, dismissed]) expect(idsOf(answer)).not.toContain(id);
  });
});

it('nobody who uploads hundreds crowds the new photos of others out', async () => {
  const [eve, bob] = [randomUUID(), randomUUID()];
  const now = new Date();
  const photosOf = (ownerId: string, count: number) =>
    Array.from({ length: count }, (_, index) => {
      const created = new Date(now.getTime() - (ownerId === eve ? 0 : 60_000) + index);
      const changes = { id: lib.newId(created), ownerId, createdAt: created.toISOString() };
      return lib.toPhoto(aPhotoItem(changes));
    });
  const [flood, few] = [photosOf(eve, 30), photosOf(bob, 3)];
  await Promise.all([...flood, ...few].map((photo) => lib.showAsRecent(photo, now)));
  const newestFirst = [...flood.slice(-10).reverse(), ...few.reverse()].map(({ id }) => id);
  const ids = (await lib.recentPhotos(40)).map(({ photoId }) => photoId);
  expect(ids.slice(0, 13)).toEqual(newestFirst);
  expect(ids).toEqual(expect.arrayContaining(flood.map(({ id }) => id)));
  await Promise.all([...flood, ...few].map(({ id }) => lib.forgetRecent(id)));
});

describe('with a model', () => {
  const [owner, ana] = [randomUUID(), randomUUID()];
  let sea: Photo[];
  let town: Photo[];

  beforeAll(async () => {
    sea = await Promise.all(Array.from({ length: 6 }, () => aPhoto(owner, { tags: ['sea'] })));
    town = await Promise.all(Array.from({ length: 6 }, () => aPhoto(owner, { tags: ['town'] })));
    const liked = [sea, town].flatMap((photos, taste) =>
      Array.from({ length: 12 }, (_, number) =>
        photos
          .filter((_, index) => index !== number % photos.length)
          .map((photo) => ({ person: aHash(`${taste}/${number}`), photo })),
      ).flat(),
    );
    await publish(liked, [...sea, ...town]);
  });

  it('moves the next answer by one like, and says why', async () => {
    const before = await lib.recommendTo(ana, 4);
    expect(before.source).toBe('built-in');
    const like = { id: 'like', photoId: (sea[0] as Photo).id, type: 'like', at: Date.now() };
    await lib.remember(ana, (await lib.tasteOf(ana)) as never, [like]);
    const after = await lib.recommendTo(ana, 4);
    expect(idsOf(after)).not.toEqual(idsOf(before));
    expect(sea.map(({ id }) => id)).toContain(idsOf(after)[0]);
    expect(after.photos[0]?.reason).toEqual(
      expect.objectContaining({ code: expect.stringMatching(/because-you-liked|followed-by|tag/) }),
    );
  });

  it('never names in a reason what the viewer may not see any more', async () => {
    await lib.update(lib.keys.photo((sea[0] as Photo).id), { visibility: 'private' });
    const { photos } = await lib.recommendTo(ana, 10);
    const named = photos.flatMap(({ reason }) => ('photoId' in reason ? [reason.photoId] : []));
    expect(named).not.toContain((sea[0] as Photo).id);
    await lib.update(lib.keys.photo((sea[0] as Photo).id), { visibility: 'public' });
  });

  it('finds photos like one, by tags where the model does not know it yet', async () => {
    const known = await lib.similarTo(undefined, town[0] as Photo, 3);
    expect(known.source).toBe('built-in');
    for (const id of idsOf(known)) expect(town.map((photo) => photo.id)).toContain(id);
    const young = await aPhoto(owner, { tags: ['sea'] });
    const byTags = await lib.similarTo(undefined, young, 3);
    for (const id of idsOf(byTags)) expect(sea.map((photo) => photo.id)).toContain(id);
  });

  it('ranks what it is given, what it does not know last', async () => {
    const bob = randomUUID();
    const like = { id: 'l', photoId: (town[0] as Photo).id, type: 'like', at: Date.now() };
    await lib.remember(bob, (await lib.tasteOf(bob)) as never, [like]);
    const unknown = await aPhoto(owner);
    const asked = [unknown, sea[1], town[1], sea[2], town[2]] as Photo[];
    const answer = await lib.rankFor(bob, asked);
    expect(idsOf(answer)).toHaveLength(5);
    expect(new Set(idsOf(answer).slice(0, 2))).toEqual(new Set([town[1]?.id, town[2]?.id]));
    expect(idsOf(answer).at(-1)).toBe(unknown.id);
  });

  it('fills up from the lower rungs where the model has too little', async () => {
    const answer = await lib.recommendTo(randomUUID(), 100);
    const recent = await lib.recentPhotos(200);
    expect(idsOf(answer).length).toBe(Math.min(100, recent.length));
    expect(answer.source).toBe('built-in');
  });
});

describe('privacy', () => {
  const people = Array.from({ length: 4 }, () => randomUUID());
  const person = fc.constantFrom(...people);
  const place = fc.nat(11);
  const change = fc.oneof(
    fc.record({
      do: fc.constant('visibility' as const),
      place,
      to: fc.constantFrom('public', 'followers', 'private'),
    }),
    fc.record({ do: fc.constant('trash' as const), place }),
    fc.record({ do: fc.constant('restore' as const), place }),
    fc.record({ do: fc.constant('delete' as const), place }),
    fc.record({ do: fc.constant('follow' as const), person, other: person }),
    fc.record({ do: fc.constant('unfollow' as const), person, other: person }),
    fc.record({ do: fc.constant('like' as const), person, place }),
    fc.record({ do: fc.constant('dismiss' as const), person, place }),
    fc.record({ do: fc.constant('train' as const) }),
  );

  it('shows nobody what they may not see, through whatever happens', async () => {
    let event = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 4, maxLength: 20 }), async (changes) => {
        const photos = await Promise.all(
          Array.from({ length: 12 }, (_, index) => aPhoto(people[index % 4] as string, { tags: ['same'] })),
        );
        const state = photos.map(() => ({ visibility: 'public', trashed: false, deleted: false }));
        const follows = new Set<string>();
        const liked: { person: string; photo: Photo }[] = [];
        const mayNot = new Map(people.map((viewer) => [viewer, new Set<string>()]));
        const at = (index: number) => photos[index] as Photo;
        for (const one of changes) {
          if ('place' in one && state[one.place]?.deleted) continue;
          const key = 'place' in one ? lib.keys.photo(at(one.place).id) : undefined;
          switch (one.do) {
            case 'visibility':
              (state[one.place] as { visibility: string }).visibility = one.to;
              await lib.update(key as never, { visibility: one.to });
              break;
            case 'trash':
            case 'restore':
              (state[one.place] as { trashed: boolean }).trashed = one.do === 'trash';
              await lib.update(key as never, {
                trashedAt: one.do === 'trash' ? CREATED.toISOString() : undefined,
              });
              break;
            case 'delete':
              (state[one.place] as { deleted: boolean }).deleted = true;
              await lib.remove(key as never);
              break;
            case 'follow':
              if (one.person === one.other) break;
              follows.add(`${one.person} ${one.other}`);
              await lib.follow(one.person, one.other);
              break;
            case 'unfollow':
              follows.delete(`${one.person} ${one.other}`);
              await lib.unfollow(one.person, one.other);
              break;
            case 'like':
            case 'dismiss': {
              event += 1;
              liked.push({ person: aHash(one.person.slice(0, 16)), photo: at(one.place) });
              const did = { id: `${event}`, photoId: at(one.place).id, type: one.do, at: event };
              await lib.remember(one.person, (await lib.tasteOf(one.person)) as never, [did]);
              break;
            }
            case 'train':
              await publish(liked, photos);
          }
        }
        const isSeenBy = (viewer: string, index: number) => {
          const { visibility, trashed, deleted } = state[index] as (typeof state)[number];
          if (deleted) return false;
          if (at(index).ownerId === viewer) return true;
          if (trashed) return false;
          return (
            visibility === 'public' ||
            (visibility === 'followers' && follows.has(`${viewer} ${at(index).ownerId}`))
          );
        };
        for (const viewer of people) {
          const hidden = mayNot.get(viewer) as Set<string>;
          for (const [index, { id }] of photos.entries()) if (!isSeenBy(viewer, index)) hidden.add(id);
          const visible = photos.find((_, index) => isSeenBy(viewer, index));
          const answers = [
            await lib.recommendTo(viewer, 100),
            ...(visible ? [await lib.similarTo(viewer, visible, 100)] : []),
            await lib.rankFor(
              viewer,
              await lib.photosVisibleTo(
                { userId: viewer, username: 'x' },
                photos.map(({ id }) => id),
              ),
            ),
          ];
          for (const answer of answers) {
            const named = answer.photos.flatMap(({ photo, reason }) =>
              'photoId' in reason ? [photo.id, reason.photoId] : [photo.id],
            );
            expect(named.filter((id) => hidden.has(id))).toEqual([]);
          }
        }
        for (const key of follows) await lib.unfollow(...(key.split(' ') as [string, string]));
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});
