import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { itemsOf, objectsOf } from '../support/e2e/aws.ts';
import { endedAtEachCall, heldAtEachCall } from '../support/e2e/ended.ts';
import { outdate, rerender } from '../support/e2e/outdated.ts';
import { later, type Person, people } from '../support/e2e/person.ts';
import { aPicture, aReadyPhoto, aSlot, type PhotoView, postForm, settled } from '../support/e2e/photos.ts';
import { messagesIn } from '../support/e2e/queues.ts';
import { idsIn, placesOf, toldOf } from '../support/e2e/sight.ts';
import { stack } from '../support/e2e/stack.ts';

const THUMBNAILER = 'makeRenditions';
/** A message that a worker died with is hidden for six minutes at most. */
const HIDDEN_MINUTES = 7;
/** One original and six renditions. */
const OBJECTS = 7;
/** Thirty days, as docs/api.md says. */
const TRASH_MS = 30 * 86_400_000;

let alice: Person;
let bert: Person;
beforeAll(async () => {
  [alice, bert] = await people('alice', 'bert');
  await bert.follow(alice);
});

beforeEach(() => Promise.all([alice, bert].map((person) => person.signInAgain())));
afterEach(() => stack.endFaults());

const hiddenMessagesReturn = () => later(HIDDEN_MINUTES, alice, bert);

/** In how many milliseconds after it was put into the trash a photo will be purged. */
async function purgedAfter({ id }: PhotoView): Promise<number> {
  const [item] = await itemsOf(`PHOTO#${id}`);
  const [due = ''] = String(item?.gsi2sk).split('#');
  return Date.parse(due) - Date.parse(String(item?.trashedAt));
}

async function purge({ id }: PhotoView): Promise<void> {
  expect((await alice.delete(`/photos/${id}`)).status).toBe(204);
  expect((await alice.delete(`/me/trash/${id}`)).status).toBe(204);
}

async function expectNothingOf(photos: readonly PhotoView[]): Promise<void> {
  for (const photo of photos) {
    expect(await objectsOf(photo.id)).toEqual([]);
    expect(await itemsOf(`PHOTO#${photo.id}`)).toEqual([]);
    expect(await placesOf(bert, photo)).toBe('');
    expect(await placesOf(alice, photo)).toBe('');
  }
  for (const list of ['/me/photos?limit=100', '/me/trash?limit=100']) {
    const listed = await idsIn(alice, list);
    expect(photos.filter(({ id }) => listed.includes(id))).toEqual([]);
  }
}

describe('a photo that is sent while the thumbnailer is held up at each of its calls in turn', () => {
  let photos: PhotoView[];
  beforeEach(() => {
    photos = [];
  });

  const sendOne = async () => {
    const bytes = await aPicture();
    const { photo, upload } = await aSlot(alice, bytes);
    photos.push(photo);
    expect((await postForm(upload, bytes)).status).toBe(204);
    return photo;
  };

  it('and deleted for good meanwhile leaves nothing behind, whatever is stored afterwards', async () => {
    await heldAtEachCall(THUMBNAILER, sendOne, async (photo) => {
      await purge(photo);
      await vi.waitFor(async () => expect(await objectsOf(photo.id)).toEqual([]), { timeout: 20_000 });
    });
    const [undisturbed, ...deleted] = photos;
    expect(deleted.length).toBeGreaterThan(20);
    await hiddenMessagesReturn();
    await expectNothingOf(deleted);
    expect(await objectsOf(undisturbed?.id ?? '')).toHaveLength(OBJECTS);
  }, 240_000);

  it('and put into the trash meanwhile is whole when it comes back, and in no list before; else it goes after its thirty days', async () => {
    await heldAtEachCall(THUMBNAILER, sendOne, async ({ id }) => {
      expect((await alice.delete(`/photos/${id}`)).status).toBe(204);
    });
    const [, ...trashed] = photos;
    await hiddenMessagesReturn();
    for (const photo of trashed) {
      expect(await placesOf(bert, photo)).toBe('');
      expect(await settled(alice, photo.id)).toMatchObject({ status: 'ready', renditions: { length: 6 } });
      expect(await objectsOf(photo.id)).toHaveLength(OBJECTS);
      expect(await purgedAfter(photo)).toBe(TRASH_MS);
      expect((await alice.post(`/photos/${photo.id}/restore`)).status).toBe(200);
    }
    await stack.idle();
    for (const photo of trashed) expect(await placesOf(bert, photo)).toContain('photo rendition list feed');
  }, 240_000);
});

it('a photo that is rendered again stays ready and is renewed once, wherever the worker is ended', async () => {
  const renewed: { photo: PhotoView; keys: string[] }[] = [];
  const anOutdatedPhoto = async () => {
    // What was interrupted before has been done by then, or it would be among the calls.
    await hiddenMessagesReturn();
    const photo = await aReadyPhoto(alice);
    renewed.push({ photo, keys: await outdate(photo.id) });
    return photo;
  };
  await endedAtEachCall(
    THUMBNAILER,
    async ({ id }) => {
      expect(await rerender()).toContain(id);
      await stack.idle();
      expect((await settled(alice, id)).status).toBe('ready');
    },
    anOutdatedPhoto,
  );
  expect(renewed.length).toBeGreaterThan(15);
  for (let passed = 0; passed < 4; passed += 1) await hiddenMessagesReturn();
  for (const { photo, keys } of renewed) {
    const [item] = await itemsOf(`PHOTO#${photo.id}`);
    expect(item?.renditions).toMatchObject(keys.map((key) => ({ key })));
    expect(item).not.toHaveProperty('outdatedAt');
    expect((await objectsOf(photo.id)).filter((key) => key.startsWith('renditions/')).sort()).toEqual(
      [...keys].sort(),
    );
    expect(await toldOf(alice, photo.id)).toEqual(['photo-ready']);
    expect(await toldOf(bert, photo.id)).toEqual(['photo-shared']);
  }
}, 300_000);

it('a photo that is deleted is gone with all of its objects, wherever their removal is ended', async () => {
  const deleted: PhotoView[] = [];
  await endedAtEachCall(
    'removeObjects',
    async (photo) => {
      deleted.push(photo);
      await purge(photo);
    },
    () => aReadyPhoto(alice),
  );
  expect(deleted.length).toBeGreaterThan(15);
  await hiddenMessagesReturn();
  await expectNothingOf(deleted);
  expect(await messagesIn('removals-queue')).toBe(0);
}, 240_000);
