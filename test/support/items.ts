import { newId } from '../../lib/ids.ts';

const PHOTO_ID = newId(new Date('2026-04-01T00:00:00.000Z'));
export const OWNER_ID = '6f1f2a34-3f52-4b0a-9b1d-0d6f6f0f4c11';

/** A photo as it lies in the table: ready and public unless told otherwise. */
export function aPhotoItem(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const id = String(changes.id ?? PHOTO_ID);
  return {
    pk: `PHOTO#${id}`,
    sk: 'PHOTO',
    entity: 'photo',
    id,
    ownerId: OWNER_ID,
    version: 1,
    status: 'ready',
    caption: '',
    tags: [],
    visibility: 'public',
    contentType: 'image/jpeg',
    bytes: 1_000,
    sha256: 'A'.repeat(43).concat('='),
    verified: true,
    originalKey: `originals/${id}/secret`,
    renditions: [],
    createdAt: '2026-04-01T00:00:00.000Z',
    updatedAt: '2026-04-01T00:00:00.000Z',
    correlationId: 'correlation-1',
    actorId: OWNER_ID,
    ...changes,
  };
}
