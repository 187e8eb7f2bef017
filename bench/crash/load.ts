import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { Random } from '../../offline/random.ts';
import type { Actor } from './actor.ts';
import { beacon, report } from './clicks.ts';
import { type HandedIn, keep, kept } from './ledger.ts';
import { likeOrNot } from './likes.ts';
import type { World } from './world.ts';

type Deed = (actor: Actor, world: World) => Promise<void>;

/** Everybody does one thing after the other, until `signal` or for so many deeds each. */
export async function live(
  world: World,
  signal: AbortSignal,
  deeds = Number.POSITIVE_INFINITY,
): Promise<void> {
  await Promise.all(
    world.actors.map(async (actor) => {
      for (let done = 0; done < deeds && !signal.aborted; done++) await chosen(world)(actor, world);
    }),
  );
}

const chances: readonly (readonly [number, Deed])[] = [
  [0.25, (actor, world) => handIn(actor, world, 'in a form')],
  [0.1, (actor, world) => handIn(actor, world, 'straight to S3')],
  [0.1, changeCaption],
  [0.1, trashOrRestore],
  [0.05, followOrNot],
  [0.02, async (actor) => void (await actor.ask('GET', '/feed'))],
  [0.18, report],
  [0.04, beacon],
  [0.12, likeOrNot],
  [0.04, flush],
];

function chosen({ random }: World): Deed {
  let rest = random.next();
  for (const [chance, deed] of chances) {
    rest -= chance;
    if (rest < 0) return deed;
  }
  return followOrNot;
}

async function handIn(owner: Actor, world: World, way: HandedIn['way']): Promise<void> {
  const { ledger, random } = world;
  const photo: HandedIn = {
    owner,
    idempotencyKey: random.hex(16),
    bytes: await picture(random),
    way,
    stored: false,
    caption: kept(random.hex(6)),
    trashed: kept(false),
    everTrashed: false,
  };
  ledger.photos.push(photo);
  await advanceHandIn(photo);
}

/** Does what is still to be done for the photo to be handed in; asks the same again where nobody answered. */
export async function advanceHandIn(photo: HandedIn): Promise<void> {
  if (photo.stored) return;
  if (photo.id === undefined) await declare(photo);
  if (photo.upload && !photo.stored) photo.stored = await sendToS3(photo);
}

async function declare(photo: HandedIn): Promise<void> {
  const { owner, idempotencyKey, way } = photo;
  const heard = await owner.ask('POST', '/photos', { body: bodyOf(photo), idempotencyKey });
  if (!heard) return;
  if (heard.status >= 300) throw new Error(`A photo was refused: ${JSON.stringify(heard)}`);
  const handed = heard.body as { photo: { id: string }; upload?: HandedIn['upload'] };
  photo.id = handed.photo.id;
  if (handed.upload) photo.upload = handed.upload;
  if (way === 'in a form') photo.stored = true;
}

function bodyOf({ bytes, way, caption }: HandedIn): FormData | string {
  if (way === 'in a form') {
    const form = new FormData();
    form.set('caption', caption.acknowledged);
    form.set('file', new Blob([new Uint8Array(bytes)]), 'photo.png');
    return form;
  }
  const sha256 = createHash('sha256').update(bytes).digest('base64');
  return JSON.stringify({
    contentType: 'image/png',
    bytes: bytes.length,
    sha256,
    caption: caption.acknowledged,
  });
}

async function sendToS3({ upload, bytes }: HandedIn): Promise<boolean> {
  const form = new FormData();
  for (const [name, value] of Object.entries(upload?.fields ?? {})) form.set(name, value);
  form.set('file', new Blob([new Uint8Array(bytes)]), 'photo');
  try {
    const answer = await fetch(String(upload?.url), { method: 'POST', body: form });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

async function changeCaption(actor: Actor, world: World): Promise<void> {
  const photo = onesOwn(actor, world);
  if (!photo) return;
  const caption = world.random.hex(6);
  await keep(photo.caption, caption, () =>
    actor.ask('PATCH', `/photos/${photo.id}`, { body: JSON.stringify({ caption }) }),
  );
}

async function trashOrRestore(actor: Actor, world: World): Promise<void> {
  const photo = onesOwn(actor, world);
  if (!photo) return;
  const trashed = !photo.trashed.acknowledged;
  photo.everTrashed = true;
  await keep(photo.trashed, trashed, () =>
    trashed
      ? actor.ask('DELETE', `/photos/${photo.id}`)
      : actor.ask('POST', `/photos/${photo.id}/restore`, { idempotencyKey: world.random.hex(16) }),
  );
}

async function followOrNot(actor: Actor, { idol, ledger }: World): Promise<void> {
  const following = ledger.following.get(actor);
  if (!following) return;
  const wanted = !following.acknowledged;
  await keep(following, wanted, () => actor.ask(wanted ? 'PUT' : 'DELETE', `/users/${idol.userId}/follow`));
}

/** Lets Firehose deliver what waits, so that events are learnt from while people go on. */
async function flush(_actor: Actor, { stack }: World): Promise<void> {
  // Nobody waits for the end of it, which a stack that is killed meanwhile never tells.
  stack.flush().catch(() => undefined);
}

/** A photo of the actor's that is surely there. */
function onesOwn(actor: Actor, { ledger, random }: World): HandedIn | undefined {
  const own = ledger.photos.filter(({ owner, stored }) => owner === actor && stored);
  return own[random.integer(own.length)];
}

/** A PNG of 24 x 16 pixels, each time another. */
function picture(random: Random): Promise<Buffer> {
  const noise = Buffer.from(random.hex(2 * 24 * 16 * 3), 'hex');
  return sharp(noise, { raw: { width: 24, height: 16, channels: 3 } })
    .png()
    .toBuffer();
}
