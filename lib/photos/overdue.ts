import { purgeOverdue } from './manage.ts';
import type { Photo } from './photo.ts';
import { expire, giveUp } from './progress.ts';
import { removeSuperseded } from './superseded.ts';

/** What may become of a photo whose time has come. */
export type PhotoSettled = 'slotsExpired' | 'photosGivenUp' | 'photosPurged' | 'renditionsRemoved';

/**
 * Expires an upload slot, gives up work that does not end, removes renditions that were replaced, or purges what was
 * rejected or has lain in the trash for its days.
 */
export async function settlePhoto(photo: Photo, now: Date): Promise<PhotoSettled | undefined> {
  if (photo.trashedAt !== undefined || photo.status === 'rejected') {
    return (await purgeOverdue(photo, now)) ? 'photosPurged' : undefined;
  }
  if (photo.status === 'uploading') return (await expire(photo, now)) && 'slotsExpired';
  if (photo.status === 'processing') return (await giveUp(photo, now)) && 'photosGivenUp';
  if (photo.superseded) return (await removeSuperseded(photo, now)) ? 'renditionsRemoved' : undefined;
  return undefined;
}
