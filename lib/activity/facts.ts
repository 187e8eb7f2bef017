import type { Item } from '../table/read.ts';
import { type Change, timeOf } from './change.ts';
import { batchFact, editFact } from './edit-facts.ts';
import type { ActivityEvent } from './event.ts';
import { photoFact } from './photo-facts.ts';

/** The fact that a write stands for, or undefined where nobody needs to hear of it. One write, one fact. */
export function factOf(change: Change): ActivityEvent | undefined {
  const entity = (change.after ?? change.before)?.entity;
  if (entity === 'photo') return photoFact(change);
  if (entity === 'follow') return followFact(change);
  if (entity === 'like') return likeFact(change);
  if (entity === 'edit') return editFact(change);
  if (entity === 'batch') return batchFact(change);
  return undefined;
}

/**
 * The facts of the changes, each with the place of its change, up to the first change that cannot be read: what
 * comes before it need not wait. `readable` is that change's place, or how many there are. Throws where it is the
 * very first.
 */
export function readableFacts(changes: readonly Change[]) {
  const facts: { fact: ActivityEvent; index: number }[] = [];
  for (const [index, change] of changes.entries()) {
    try {
      const fact = factOf(change);
      if (fact) facts.push({ fact, index });
    } catch (error) {
      if (index === 0) throw error;
      return { facts, readable: index };
    }
  }
  return { facts, readable: changes.length };
}

function followFact(change: Change): ActivityEvent | undefined {
  const edge = change.after ?? change.before;
  const followeeId = String(edge?.followeeId);
  return edgeFact(change, ['follow.created', 'follow.deleted'], `follow/${edge?.followerId}/${followeeId}`, {
    actor: { id: String(edge?.followerId) },
    subject: { kind: 'person', id: followeeId, ownerId: followeeId },
  });
}

function likeFact(change: Change): ActivityEvent | undefined {
  const edge = change.after ?? change.before;
  const photoId = String(edge?.photoId);
  return edgeFact(change, ['like.created', 'like.deleted'], `like/${edge?.userId}/${photoId}`, {
    actor: { id: String(edge?.userId) },
    subject: { kind: 'photo', id: photoId, ownerId: String(edge?.ownerId) },
  });
}

/** An edge that is made again begins at version 1 again, so its time belongs to the id. */
function edgeFact(
  { before, after, at }: Change,
  [created, deleted]: readonly [ActivityEvent['type'], ActivityEvent['type']],
  name: string,
  ends: Pick<ActivityEvent, 'actor' | 'subject'>,
): ActivityEvent | undefined {
  const edge = after ?? before;
  if (!edge || (before && after)) return undefined;
  const version = after ? 1 : 2;
  return {
    id: `${name}/${edge.createdAt}/${version}`,
    type: after ? created : deleted,
    version,
    time: after ? timeOf({ before, after, at }) : endOf(edge, at),
    correlationId: String(edge.correlationId),
    ...ends,
    data: {},
  };
}

/** When an edge ended: the stream dates that by the start of its second, which may be before the edge was made. */
function endOf({ createdAt }: Item, at: Date): string {
  return new Date(Math.max(at.getTime(), Date.parse(String(createdAt)) + 1)).toISOString();
}
