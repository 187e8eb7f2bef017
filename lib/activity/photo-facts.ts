import { isDeepStrictEqual } from 'node:util';
import { type Photo, toPhoto } from '../photos/photo.ts';
import { type Change, timeOf } from './change.ts';
import type { ActivityEvent } from './event.ts';

/** What the change of a photo means to others; undefined for steps that only concern the photo itself. */
export function photoFact({ before, after, at }: Change): ActivityEvent | undefined {
  const old = before && toPhoto(before);
  const photo = after && toPhoto(after);
  const type = photo ? typeOf(old, photo) : 'photo.deleted';
  const subject = photo ?? old;
  if (!type || !subject) return undefined;
  const version = photo ? photo.version : subject.version + 1;
  return {
    id: `photo/${subject.id}/${version}`,
    type,
    version,
    time: timeOf({ before, after, at }),
    correlationId: subject.correlationId,
    actor: { id: subject.actorId },
    subject: { kind: 'photo', id: subject.id, ownerId: subject.ownerId },
    data: {
      status: subject.status,
      visibility: subject.visibility,
      inTrash: subject.trashedAt !== undefined,
      ...(old && old.visibility !== subject.visibility && { previousVisibility: old.visibility }),
      ...(subject.rejection && { rejection: subject.rejection }),
    },
  };
}

function typeOf(old: Photo | undefined, photo: Photo): ActivityEvent['type'] | undefined {
  if (!old) return undefined;
  if (old.status !== photo.status) return statusFact(old.status, photo.status);
  if (old.trashedAt === undefined && photo.trashedAt !== undefined) return 'photo.trashed';
  if (old.trashedAt !== undefined && photo.trashedAt === undefined) return 'photo.restored';
  if (photo.outdatedAt !== undefined && photo.outdatedAt !== old.outdatedAt) return 'photo.outdated';
  return isDeepStrictEqual(described(old), described(photo)) ? undefined : 'photo.updated';
}

function statusFact(from: Photo['status'], to: Photo['status']): ActivityEvent['type'] | undefined {
  if (to === 'processing') return from === 'failed' ? 'photo.retried' : undefined;
  return to === 'uploading' ? undefined : `photo.${to}`;
}

function described({ caption, tags, visibility, currentEditId }: Photo) {
  return { caption, tags, visibility, currentEditId };
}
