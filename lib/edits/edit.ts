import * as z from 'zod';
import { idSchema, userIdSchema } from '../ids.ts';
import { photoPath, placeholderItem, renditionItem } from '../photos/photo.ts';
import { notFound } from '../problem.ts';
import { keys } from '../table/keys.ts';
import { get, getMany, type Item } from '../table/read.ts';

/** `deleted` is a tombstone: what is still being written for the edit has to be found and removed later. */
export const EDIT_STATUSES = ['queued', 'running', 'done', 'failed', 'deleted'] as const;

export const FAILURE_CODES = [
  'photo-unavailable',
  'not-applicable',
  'image-unreadable',
  'cancelled',
  'timed-out',
  'internal',
] as const;

export const failureSchema = z.object({ code: z.enum(FAILURE_CODES), detail: z.string() });

export type Failure = z.infer<typeof failureSchema>;

export const editPath = photoPath.extend({ editId: idSchema });

export const storedStep = z.object({ filter: z.string(), params: z.record(z.string(), z.unknown()) });

/** An edit as the table keeps it, beside its photo. */
export const editItem = z.object({
  id: idSchema,
  photoId: idSchema,
  ownerId: userIdSchema,
  version: z.number().int(),
  status: z.enum(EDIT_STATUSES),
  steps: z.array(storedStep),
  /** Hash over the photo's bytes and everything else that decides the result's. */
  recipe: z.string(),
  batchId: idSchema.optional(),
  /** The one execution that may work on it. */
  executionName: z.string().optional(),
  failure: failureSchema.optional(),
  width: z.number().int().optional(),
  height: z.number().int().optional(),
  placeholder: placeholderItem.optional(),
  renditions: z.array(renditionItem),
  createdAt: z.string(),
  updatedAt: z.string(),
  endedAt: z.string().optional(),
  correlationId: z.string(),
  actorId: z.string(),
});

export type Edit = z.infer<typeof editItem>;

/** Names an edit: the photo that it stands beside, and its own id. */
export type EditName = Pick<Edit, 'photoId' | 'id'>;

/** Where a photo's edits stand, in the order in which they were asked for. */
export function editRange(photoId: string): { readonly pk: string; readonly beginsWith: string } {
  const { pk, sk } = keys.edit(photoId, '');
  return { pk, beginsWith: sk };
}

export function toEdit(item: Item): Edit {
  return editItem.parse(item);
}

/** The edit, deleted or not, or undefined. */
export async function findEdit({ photoId, id }: EditName): Promise<Edit | undefined> {
  const item = await get(keys.edit(photoId, id));
  return item && toEdit(item);
}

/** Edits by name, undefined where there is none any more. Eventually consistent. */
export async function findEdits(names: readonly EditName[]): Promise<(Edit | undefined)[]> {
  const items = await getMany(names.map(({ photoId, id }) => keys.edit(photoId, id)));
  return items.map((item) => item && toEdit(item));
}

/** The edit of a photo that the caller has been found to own; 404 where there is none. */
export async function editOf(photoId: string, id: string): Promise<Edit> {
  const edit = await findEdit({ photoId, id });
  if (!edit || edit.status === 'deleted') throw notFound('edit');
  return edit;
}
