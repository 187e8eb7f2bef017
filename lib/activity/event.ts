import * as z from 'zod';

export const EVENT_TYPES = [
  'photo.ready',
  'photo.rejected',
  'photo.failed',
  'photo.expired',
  'photo.retried',
  'photo.outdated',
  'photo.updated',
  'photo.trashed',
  'photo.restored',
  'photo.deleted',
  'edit.requested',
  'edit.done',
  'edit.failed',
  'edit.deleted',
  'batch.requested',
  'batch.done',
  'batch.failed',
  'like.created',
  'like.deleted',
  'follow.created',
  'follow.deleted',
] as const;

/** A fact about one version of one thing, as it travels through SNS to the queues. */
export const activityEvent = z.object({
  /** Entity and version: the same fact delivered twice has the same id. */
  id: z.string(),
  type: z.enum(EVENT_TYPES),
  version: z.number().int(),
  time: z.string(),
  correlationId: z.string(),
  actor: z.object({ id: z.string() }),
  subject: z.object({
    kind: z.enum(['photo', 'person', 'edit', 'batch']),
    id: z.string(),
    ownerId: z.string(),
  }),
  data: z.record(z.string(), z.unknown()),
});

export type ActivityEvent = z.infer<typeof activityEvent>;
