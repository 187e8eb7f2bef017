import * as z from 'zod';
import { type Answer, accepted, ok } from '../http/answer.ts';
import type { Caller } from '../http/call.ts';
import { idSchema } from '../ids.ts';
import { findPhoto, type Photo, placeholderItem } from '../photos/photo.ts';
import { presentRenditions, renditionView } from '../photos/view.ts';
import type { Asked } from './create.ts';
import { EDIT_STATUSES, type Edit, failureSchema, findEdit } from './edit.ts';

/** An edit as the API shows it. */
export const editView = z
  .object({
    id: idSchema,
    photoId: idSchema,
    version: z.number().int(),
    status: z.enum(EDIT_STATUSES).exclude(['deleted']),
    failure: failureSchema.optional().meta({ description: 'Only where the status is `failed`.' }),
    steps: z
      .array(z.object({ filter: z.string(), params: z.record(z.string(), z.unknown()) }))
      .meta({ description: 'As they were asked for, with every default.' }),
    batchId: idSchema.nullable(),
    current: z.boolean().meta({ description: 'Whether the photo is shown by this edit.' }),
    width: z.number().int().nullable(),
    height: z.number().int().nullable(),
    placeholder: placeholderItem.nullable(),
    renditions: z.array(renditionView),
    before: z
      .array(renditionView)
      .meta({ description: 'The renditions of the photo as it came, to compare with.' }),
    createdAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Edit' });

export const askedView = z.object({
  edit: editView,
  duplicate: z
    .literal(true)
    .optional()
    .meta({ description: 'The same edit had been asked for before, and is this one.' }),
});

/** An edit for the owner of its photo. */
export async function presentEdit(photo: Photo, edit: Edit): Promise<z.infer<typeof editView>> {
  const [renditions, before] = await Promise.all(
    [edit.renditions, photo.renditions].map((each) => presentRenditions(each)),
  );
  return {
    id: edit.id,
    photoId: edit.photoId,
    version: edit.version,
    status: edit.status as Exclude<Edit['status'], 'deleted'>,
    ...(edit.failure && { failure: edit.failure }),
    steps: edit.steps,
    batchId: edit.batchId ?? null,
    current: photo.currentEditId === edit.id,
    width: edit.width ?? null,
    height: edit.height ?? null,
    placeholder: edit.placeholder ?? null,
    renditions: renditions ?? [],
    before: before ?? [],
    createdAt: edit.createdAt,
    endedAt: edit.endedAt ?? null,
  };
}

/** 202 for an edit that is to be made, 200 for one that had been asked for before. */
export async function presentAsked(photo: Photo, { edit, duplicate }: Asked): Promise<Answer> {
  const view = await presentEdit(photo, edit);
  if (duplicate) return ok({ edit: view, duplicate: true }, editHeaders(edit));
  return accepted(`/photos/${photo.id}/edits/${edit.id}`, { edit: view }, editHeaders(edit));
}

/** A replayed answer shows the edit as it is now, with URLs that have not expired. */
export async function refreshAsked(answer: Answer, _caller: Caller): Promise<Answer> {
  const body = answer.body as z.infer<typeof askedView>;
  const { photoId, id } = body.edit;
  const [photo, edit] = await Promise.all([findPhoto(photoId), findEdit({ photoId, id })]);
  if (!photo || !edit || edit.status === 'deleted') return answer;
  return { ...answer, body: { ...body, edit: await presentEdit(photo, edit) } };
}

/** When to ask again while the edit is being worked on. */
export function editHeaders({ version, status }: Edit): Record<string, string> {
  const unfinished = status === 'queued' || status === 'running';
  return { etag: `"${version}"`, ...(unfinished && { 'retry-after': '1' }) };
}
