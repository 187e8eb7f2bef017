import { purgeOverdue } from './manage.ts';
import type { Photo } from './photo.ts';
import { expire, giveUp } from './progress.ts';

/** What may become of a photo whose time has come. */
export type PhotoSettled = 'slotsExpired' | 'photosGivenUp' | 'photosPurged';

/** Expires an upload slot, gives up work that does not end, or purges what has lain in the trash for its days. */
export async function settlePhoto(photo: Photo, now: Date): Promise<PhotoSettled | undefined> {
  if (photo.trashedAt !== undefined) return (await purgeOverdue(photo, now)) ? 'photosPurged' : undefined;
  if (photo.status === 'uploading') return (await expire(photo, now)) && 'slotsExpired';
  if (photo.status === 'processing') return (await giveUp(photo, now)) && 'photosGivenUp';
  return undefined;
}
