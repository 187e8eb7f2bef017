import type { ActivityEvent } from '../activity/event.ts';
import { removeLikesOf } from '../photos/likes.ts';
import { endUploadsOf } from '../photos/multipart.ts';
import { removeEditObjects, removeObjects } from '../photos/objects.ts';
import { deleteEditsOf } from './manage.ts';

/**
 * Removes the objects of a photo or an edit that was deleted, a photo's edits and likes with it, and the parts of
 * a file that never became whole; answers how many.
 */
export async function removeWhatIsLeft({ type, subject, data }: ActivityEvent): Promise<number> {
  if (type === 'edit.deleted') return removeEditObjects({ photoId: String(data.photoId), id: subject.id });
  if (type === 'photo.expired') return endUploadsOf(subject.id);
  await deleteEditsOf(subject.id);
  await removeLikesOf(subject.id);
  return removeObjects(subject.id);
}
