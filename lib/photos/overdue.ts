import { purgeOverdue } from './manage.ts';
import { originalIsThere } from './objects.ts';
import type { Photo } from './photo.ts';
import { begin, expire, giveUp } from './progress.ts';
import { removeSuperseded } from './superseded.ts';

/** What may become of a photo whose time has come. */
export type PhotoSettled =
  | 'slotsExpired'
  | 'filesFound'
  | 'photosGivenUp'
  | 'photosPurged'
  | 'renditionsRemoved';

/**
 * Expires an upload slot, gives up work that does not end, removes renditions that were replaced, or purges what has
 * lain in the trash for its days or came to nothing a week ago. A file of which no message has told is not lost: it
 * counts as arrived, and what is not heard of it in time is given up, for an operator to put back to work.
 */
export async function settlePhoto(photo: Photo, now: Date): Promise<PhotoSettled | undefined> {
  const { trashedAt, status } = photo;
  if (trashedAt !== undefined) return (await purgeOverdue(photo, now)) ? 'photosPurged' : undefined;
  if (waitsForFile(photo) && (await originalIsThere(photo.originalKey))) {
    return (await begin(photo, now)) && 'filesFound';
  }
  if (status === 'uploading') return (await expire(photo, now)) && 'slotsExpired';
  if (status === 'processing') return (await giveUp(photo, now)) && 'photosGivenUp';
  if (status === 'rejected' || status === 'expired') {
    return (await purgeOverdue(photo, now)) ? 'photosPurged' : undefined;
  }
  if (photo.superseded) return (await removeSuperseded(photo, now)) ? 'renditionsRemoved' : undefined;
  return undefined;
}

function waitsForFile({ status, abandonedAt }: Photo): boolean {
  return status === 'uploading' || (status === 'expired' && abandonedAt === undefined);
}
