import { renderSteps } from '../images/filters/render.ts';
import { inspectImage } from '../images/inspect.ts';
import { recipeOf } from '../images/renditions.ts';
import { LIBRARY_VERSIONS } from '../images/vips.ts';
import { readOriginal, storeRenditions } from '../photos/objects.ts';
import { findEdit } from './edit.ts';
import type { Result } from './progress.ts';
import { NothingToDo, nameOf, PhotoUnavailable, photoOf, type Task } from './tasks.ts';

/**
 * Second task: one decode, all outputs. Doing it again writes the same objects.
 *
 * @throws NothingToDo, PhotoUnavailable, ImageRejected
 */
export async function renderEdit(task: Task): Promise<Result> {
  const edit = await findEdit(nameOf(task));
  if (edit?.status !== 'running') throw new NothingToDo(`The edit ${task.editId} has ended.`);
  const photo = await photoOf(edit);
  const { bytes, sha256 } = await readOriginal(photo.originalKey, photo.originalVersionId);
  if (!bytes) throw new PhotoUnavailable('The original cannot be read.');
  const { renditions, ...picture } = await renderSteps(bytes, await inspectImage(bytes), edit.steps);
  const folder = `${edit.photoId}/${edit.id}`;
  const stored = await storeRenditions(
    folder,
    sha256,
    renditions,
    (name) => `${recipeOf(name)}\n${edit.recipe}`,
    LIBRARY_VERSIONS,
  );
  return { ...picture, renditions: stored };
}
