import { findPhoto, type Photo } from '../photos/photo.ts';
import { notFound, Problem } from '../problem.ts';
import { anyOf, differs, is, present, without } from '../table/condition.ts';
import { keys } from '../table/keys.ts';
import { type Page, type PageRequest, query, queryAll } from '../table/read.ts';
import { ConditionFailed, transact, unlessRefused, update } from '../table/write.ts';
import { type Edit, editRange, toEdit } from './edit.ts';
import { bury } from './progress.ts';

/** A photo's edits, newest first. */
export async function editsOf(photoId: string, request: PageRequest): Promise<Page<Edit>> {
  const { pk, beginsWith } = editRange(photoId);
  const { items, next } = await query('table', pk, request, { newestFirst: true, range: { beginsWith } });
  return { items: items.map(toEdit).filter(({ status }) => status !== 'deleted'), next };
}

/**
 * Deletes an edit, which ends it where it is still at work. Its objects follow behind the event.
 *
 * @throws Problem 409 where the photo is shown by it
 */
export async function deleteEdit(edit: Edit): Promise<void> {
  const notCurrent = anyOf(without('currentEditId'), differs('currentEditId', edit.id));
  try {
    await bury(edit, [{ check: keys.photo(edit.photoId), when: notCurrent }]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    throw new Problem(
      409,
      'edit-is-current',
      'The photo is shown by this edit; make another one current first.',
    );
  }
}

/** Deletes every edit of a photo that is gone itself. */
export async function deleteEditsOf(photoId: string): Promise<void> {
  const { pk, beginsWith } = editRange(photoId);
  for await (const item of queryAll('table', pk, { range: { beginsWith } })) await bury(toEdit(item));
}

/** Shows the photo by one of its edits, to everybody. The photo itself stays as it is. */
export async function makeCurrent(photo: Photo, edit: Edit, now = new Date()): Promise<Photo> {
  const { width, height, placeholder, renditions } = edit;
  const set = { currentEditId: edit.id, edited: { width, height, placeholder, renditions } };
  try {
    await transact(
      [
        { check: keys.edit(edit.photoId, edit.id), when: is('status', 'done') },
        { update: keys.photo(photo.id), set, when: present() },
      ],
      now,
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (error.index === 1) throw notFound('photo');
    throw new Problem(409, 'edit-not-done', 'Only an edit that is done can be made current.');
  }
  return (await findPhoto(photo.id)) ?? photo;
}

/** Shows the photo as it came. One that is shown so already stays as it is. */
export async function showUnedited(photo: Photo): Promise<void> {
  if (photo.currentEditId === undefined) return;
  const isEdited = is('currentEditId', photo.currentEditId);
  await unlessRefused(
    update(keys.photo(photo.id), { currentEditId: undefined, edited: undefined }, isEdited),
  );
}
