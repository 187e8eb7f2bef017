import { Controls } from './demo/controls.ts';
import { gallery } from './demo/gallery.ts';
import { type Member, memberOf, type PhotoView, type Recommendations } from './demo/member.ts';
import { startedStack } from './demo/stack.ts';

const TASTES = ['plants', 'mountains', 'towns'] as const;
const NAMES = ['ana', 'ben', 'cleo'] as const;
/** Personalize trains from a thousand interactions of 25 people on. */
const VISITORS = 36;
const PAGE = 6;
/** What a person waits for at most, whatever becomes of Personalize. */
const PATIENCE_MS = 500;

/**
 * `npm run demo:recommendations`: three people with different tastes click through a gallery, and each sees a page
 * of their own; a newcomer sees what is trending; Personalize is trained, fails in every way, and is switched off. On a
 * stack of its own, whose clock it moves.
 */
async function main(): Promise<void> {
  const stack = await startedStack();
  try {
    const controls = new Controls(stack.endpoint);
    const member = (name: string) => memberOf(stack.endpoint, name);
    const photos = await hung(await member('gallery'));
    const people = await Promise.all(NAMES.map(member));

    console.log('\nFrom the first minute');
    await print(people[0] as Member);

    await Promise.all(
      Array.from({ length: VISITORS }, async (_, index) =>
        visit(await member(`visitor${index}`), photos, index),
      ),
    );
    await controls.stored();
    await controls.trained();
    console.log(
      `\n${VISITORS} visitors have been through the gallery; the built-in model has learnt from them`,
    );
    for (const [index, person] of people.entries()) {
      const liked = photos.filter(({ tags }) => tags.includes(TASTES[index] as string)).slice(0, 3);
      await person.did(...liked.map(({ id }) => ['like', id] as const));
      console.log(`${person.name} likes ${liked.map(({ caption }) => caption).join('; ')}`);
      await print(person);
    }
    await oneClickLater(people[0] as Member, photos);
    console.log('\nA newcomer');
    await print(await member('dora'));

    await controls.stored();
    const trained = await controls.trainedPersonalize();
    console.log(`\nPersonalize has been trained by its state machine: ${trained.outcome}`);
    for (const person of people) await print(person);

    await failing(controls, people[1] as Member);

    await stack.restart('--param=personalize=off');
    console.log('\nPersonalize is switched off');
    await print(people[1] as Member);
  } finally {
    await stack.stop();
  }
}

async function hung(owner: Member): Promise<PhotoView[]> {
  const photos: PhotoView[] = [];
  for (const { title, tag, bytes } of await gallery()) {
    const { id } = await owner.sendPhoto(bytes, title, { tags: tag, visibility: 'public' });
    photos.push(await owner.settled(id));
  }
  console.log(`${photos.length} photos hang in the gallery: ${TASTES.join(', ')}`);
  return photos;
}

/** Looks at everything, and likes most of what is to their taste. */
async function visit(visitor: Member, photos: readonly PhotoView[], index: number): Promise<void> {
  const taste = TASTES[index % TASTES.length] as string;
  const liked = photos.filter(({ tags }, place) => tags.includes(taste) && (place + index) % 4 !== 0);
  await visitor.did(
    ...photos.filter((_, place) => (place + index) % 5 !== 0).map(({ id }) => ['view', id] as const),
    ...liked.map(({ id }) => ['like', id] as const),
  );
}

async function print(person: Member): Promise<Recommendations> {
  const answer = await person.recommended(PAGE);
  console.log(`  ${person.name}, by ${answer.source} in ${answer.ms} ms:`);
  for (const { photo, reason } of answer.items) {
    const why = 'tag' in reason ? `${reason.code} ${reason.tag}` : reason.code;
    console.log(`    ${photo.caption.padEnd(34)} ${photo.tags.join(', ').padEnd(10)} ${why}`);
  }
  return answer;
}

async function oneClickLater(person: Member, photos: readonly PhotoView[]): Promise<void> {
  const before = await person.recommended(PAGE);
  const clicked = before.items[0]?.photo ?? (photos[0] as PhotoView);
  await person.did(['click', clicked.id]);
  console.log(`\n${person.name} clicks on ${clicked.caption}`);
  const after = await print(person);
  const isSame =
    JSON.stringify(after.items.map(({ photo }) => photo.id)) ===
    JSON.stringify(before.items.map(({ photo }) => photo.id));
  if (isSame) throw new Error('Expected another page one click later, received the same.');
}

async function failing(controls: Controls, person: Member): Promise<void> {
  const ways: readonly (readonly [string, object])[] = [
    ['throttled (429)', { kind: 'throttle' }],
    ['broken (503)', { kind: 'fail', status: 503 }],
    ['slow', { kind: 'delay', minMs: 60_000, maxMs: 60_000 }],
    ['cut off', { kind: 'drop', when: 'before' }],
  ];
  console.log('\nPersonalize fails');
  for (const [how, effect] of ways) {
    await controls.faultPersonalize(effect);
    for (let call = 0; call < 2; call += 1) {
      const { source, ms, items } = await person.recommended(PAGE);
      console.log(`  ${how}: ${items.length} photos by ${source} in ${ms} ms`);
      if (ms > PATIENCE_MS) throw new Error(`Expected an answer within ${PATIENCE_MS} ms, it took ${ms}.`);
    }
  }
  await controls.faultPersonalize(undefined);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
