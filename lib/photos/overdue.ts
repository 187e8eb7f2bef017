import { purgeOverdue } from './manage.ts';
import type { Photo } from './photo.ts';
import { expire, giveUp } from './progress.ts';
import { removeSuperseded } from './superseded.ts';

/** What may become of a photo whose time has come. */
export type PhotoSettled = 'slotsExpired' | 'photosGivenUp' | 'photosPurged' | 'renditionsRemoved';

/**
 * Expires an upload slot, gives up work that does not end, removes renditions that were replaced, or purges what has
 * lain in the trash for its days or came to nothing a week ago.
 */
export async function settlePhoto(photo: Photo, now: Date): Promise<PhotoSettled | undefined> {
  const { trashedAt, status } = photo;
  if (trashedAt !== undefined || status === 'rejected' || status === 'expired') {
    return (await purgeOverdue(photo, now)) ? 'photosPurged' : undefined;
  }
  if (status === 'uploading') return (await expire(photo, now)) && 'slotsExpired';
  if (status === 'processing') return (await giveUp(photo, now)) && 'photosGivenUp';
  if (photo.superseded) return (await removeSuperseded(photo, now)) ? 'renditionsRemoved' : undefined;
  return undefined;
}
