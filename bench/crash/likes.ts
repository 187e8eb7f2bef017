import type { Actor } from './actor.ts';
import { type HandedIn, kept, type Liking, mayBe, settled, type Times } from './ledger.ts';
import type { World } from './world.ts';

/** Likes a photo of anybody's, or takes the like back; at times what is so already. */
export async function likeOrNot(actor: Actor, { ledger, random }: World): Promise<void> {
  const photos = ledger.photos.filter(({ stored }) => stored);
  const photo = photos[random.integer(photos.length)];
  if (!photo) return;
  const liking = likingOf(actor, photo, ledger.likings);
  const wanted = random.next() < 0.8 ? !liking.liked.acknowledged : liking.liked.acknowledged;
  await ask(liking, wanted);
  // Some think better of it at once.
  if (random.next() < 0.3) await ask(liking, !wanted);
}

function likingOf(actor: Actor, photo: HandedIn, likings: Liking[]): Liking {
  const known = likings.find((each) => each.actor === actor && each.photo === photo);
  if (known) return known;
  const never = () => ({ least: 0, most: 0 });
  const liking = { actor, photo, liked: kept(false), given: never(), takenBack: never() };
  likings.push(liking);
  return liking;
}

async function ask({ actor, photo, liked, given, takenBack }: Liking, wanted: boolean): Promise<void> {
  const times = wanted ? given : takenBack;
  const isSure = liked.possible.length === 0;
  const heard = await actor.ask(wanted ? 'PUT' : 'DELETE', `/photos/${photo.id}/like`);
  // What isn't ready yet, or in the trash, is nobody's to like.
  if (heard?.status === 404) return;
  if (heard && heard.status >= 300) throw new Error(`A like of ${photo.id} was refused: ${heard.status}`);
  if (!isSure || !heard) times.most += 1;
  else if (liked.acknowledged !== wanted) count(times);
  if (heard) settled(liked, wanted);
  else liked.possible.push(wanted);
}

function count(times: Times): void {
  times.least += 1;
  times.most += 1;
}

/** What the table, the views of photos and the clickstream say of somebody's liking of a photo. */
export interface FoundLiking {
  readonly inTable: boolean;
  /** Undefined where the photo is in somebody else's trash. */
  readonly shown: boolean | undefined;
  readonly given: readonly { readonly at: number }[];
  readonly takenBack: readonly { readonly at: number }[];
}

/** Whether it is what was acknowledged last, everywhere. From then on the ledger knows what got no answer. */
export function checkLiking(liking: Liking, found: FoundLiking): string[] {
  const { actor, photo, liked, given, takenBack } = liking;
  const { inTable, shown } = found;
  const violations: string[] = [];
  const say = (what: string) => violations.push(`photo ${photo.id} ${what} by ${actor.name}`);
  if (!mayBe(liked, inTable)) say(`is ${inTable ? '' : 'not '}liked`);
  if (shown !== undefined && shown !== inTable) say(`is shown as ${shown ? '' : 'not '}liked`);
  for (const [times, interactions, what] of [
    [given, found.given, 'liked'],
    [takenBack, found.takenBack, 'unliked'],
  ] as const) {
    const { length } = interactions;
    if (length < times.least || length > times.most) {
      say(`was ${what} ${times.least} to ${times.most} times and ${length} times in the clickstream`);
    }
    times.least = length;
    times.most = length;
  }
  const newest = (all: readonly { at: number }[]) =>
    Math.max(Number.NEGATIVE_INFINITY, ...all.map(({ at }) => at));
  // As models read it: of a like and its end the later one counts.
  const learnt =
    newest(found.given) > Number.NEGATIVE_INFINITY && newest(found.takenBack) <= newest(found.given);
  if (learnt !== inTable) say(`is ${learnt ? '' : 'not '}liked in the clickstream`);
  settled(liked, inTable);
  return violations;
}
