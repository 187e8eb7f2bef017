import { ImageRejected } from '../images/rejection.ts';
import { count, logger } from '../observe.ts';
import { allOf, having, is, without } from '../table/condition.ts';
import { keys } from '../table/keys.ts';
import { ConditionFailed, unlessRefused, update } from '../table/write.ts';
import { dueOf } from './due.ts';
import { readOriginal, removeObjects } from './objects.ts';
import { type Photo, toPhoto } from './photo.ts';
import { keptOf, precisionOf, sameChoice } from './place.ts';
import { sameTrash } from './progress.ts';
import { render } from './render.ts';

/** Signed URLs live 15 minutes; five more are for the answers that carry them. */
const KEPT_SECONDS = 20 * 60;

/** Whether an operator has asked for the photo's renditions anew, and they are not made yet. */
export function isToRenew({ status, outdatedAt, superseded }: Photo): boolean {
  return status === 'ready' && outdatedAt !== undefined && superseded === undefined;
}

/**
 * Makes the renditions of a ready photo anew. It shows the old ones until all of the new ones are stored, and they
 * stay for as long as URLs of them may be about. A file that is not taken any more leaves the photo as it is.
 */
export async function renew(photo: Photo, now = new Date()): Promise<'renewed' | 'kept' | 'stray'> {
  try {
    const { renditions, placeholder, exif } = await render(
      photo,
      await readOriginal(photo.originalKey, photo.originalVersionId),
    );
    return await replace(photo, { renditions, placeholder, exif }, now);
  } catch (error) {
    if (!(error instanceof ImageRejected)) throw error;
    logger.error('not renewed', { photoId: photo.id, code: error.code });
    count('PhotosNotRenewed');
    await unlessRefused(update(keys.photo(photo.id), { outdatedAt: undefined }, having('outdatedAt'), now));
    return 'kept';
  }
}

async function replace(
  photo: Photo,
  made: Pick<Awaited<ReturnType<typeof render>>, 'renditions' | 'placeholder' | 'exif'>,
  now: Date,
): Promise<'renewed' | 'kept' | 'stray'> {
  const kept = new Set(made.renditions.map(({ key }) => key));
  const replaced = photo.renditions.map(({ key }) => key).filter((key) => !kept.has(key));
  const until = new Date(now.getTime() + KEPT_SECONDS * 1_000).toISOString();
  const superseded = replaced.length > 0 ? { keys: replaced, until } : undefined;
  const told = keptOf(made.exif, await precisionOf(photo));
  const changes = { ...made, ...told, superseded, outdatedAt: undefined };
  const same = allOf(sameTrash(photo), sameChoice(photo));
  const when = allOf(is('status', 'ready'), having('outdatedAt'), without('superseded'), same);
  try {
    await update(keys.photo(photo.id), { ...changes, ...dueOf({ ...photo, superseded }, now) }, when, now);
    count('PhotosRenewed');
    return 'renewed';
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const found = error.item && toPhoto(error.item);
    if (!found) {
      // It was deleted meanwhile, and nothing else would ever remove what came after it.
      await removeObjects(photo.id);
      return 'stray';
    }
    return isToRenew(found) ? replace(found, made, now) : 'kept';
  }
}
