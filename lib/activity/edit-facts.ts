import { toBatch } from '../batches/batch.ts';
import { toEdit } from '../edits/edit.ts';
import { type Change, timeOf } from './change.ts';
import type { ActivityEvent } from './event.ts';

/** What an edit comes to. The owner of a batch hears of the whole, not of each of its edits. */
export function editFact({ before, after, at }: Change): ActivityEvent | undefined {
  if (!after || before?.status === after.status) return undefined;
  const edit = toEdit(after);
  const type = edit.status === 'queued' ? 'edit.requested' : `edit.${edit.status}`;
  if (type === 'edit.running') return undefined;
  const { id, version, correlationId, actorId, ownerId, photoId, batchId, failure } = edit;
  return {
    id: `edit/${id}/${version}`,
    type: type as ActivityEvent['type'],
    version,
    time: timeOf({ before, after, at }),
    correlationId,
    actor: { id: actorId },
    subject: { kind: 'edit', id, ownerId },
    data: { photoId, ...(batchId && { batchId }), ...(failure && { failure }) },
  };
}

/** A batch begins and ends; that its owner cancelled it, they know. */
export function batchFact({ before, after, at }: Change): ActivityEvent | undefined {
  if (!after || before?.status === after.status) return undefined;
  const { id, version, status, correlationId, ownerId, pages, total } = toBatch(after);
  if (status === 'cancelled') return undefined;
  return {
    id: `batch/${id}/${version}`,
    type: status === 'running' ? 'batch.requested' : `batch.${status}`,
    version,
    time: timeOf({ before, after, at }),
    correlationId,
    actor: { id: ownerId },
    subject: { kind: 'batch', id, ownerId },
    data: { pages, total },
  };
}
