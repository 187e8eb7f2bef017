import type { Caller } from '../http/call.ts';
import { followedAmong } from '../people/follow.ts';
import { forbidden, notFound } from '../problem.ts';
import { findPhoto, findPhotos, type Photo } from './photo.ts';

/**
 * The one place that says who may see a photo. The owner sees their own always; everyone else sees what is
 * ready, not in the trash, and public, or meant for followers while they follow the owner.
 */
export async function visibleTo(viewerId: string | undefined, photos: readonly Photo[]): Promise<Photo[]> {
  const followed = await followedOwners(viewerId, photos);
  return photos.filter((photo) => {
    if (photo.ownerId === viewerId) return true;
    if (photo.status !== 'ready' || photo.trashedAt !== undefined) return false;
    return photo.visibility === 'public' || (photo.visibility === 'followers' && followed.has(photo.ownerId));
  });
}

/** The photo if the caller may see it, else 404. */
export async function photoVisibleTo(caller: Caller | undefined, photoId: string): Promise<Photo> {
  const photo = await findPhoto(photoId);
  const [visible] = photo ? await visibleTo(caller?.userId, [photo]) : [];
  if (!visible) throw notFound('photo');
  return visible;
}

/** Those of these photos that the caller may see, in the order of the ids. */
export async function photosVisibleTo(caller: Caller, photoIds: readonly string[]): Promise<Photo[]> {
  return visibleTo(caller.userId, await findPhotos([...new Set(photoIds)]));
}

/** The caller's own photo; 404 for what they may not see, 403 for what they may see but not change. */
export async function photoToChange(caller: Caller, photoId: string): Promise<Photo> {
  const photo = await photoVisibleTo(caller, photoId);
  if (photo.ownerId !== caller.userId) throw forbidden('Only its owner may change a photo.');
  return photo;
}

async function followedOwners(viewerId: string | undefined, photos: readonly Photo[]): Promise<Set<string>> {
  if (viewerId === undefined) return new Set();
  const owners = photos.filter(({ visibility }) => visibility === 'followers').map(({ ownerId }) => ownerId);
  return followedAmong(viewerId, owners);
}
