import * as z from 'zod';
import { arn, id } from './input.ts';

/** Source of all limits: the Personalize Events API reference. */
const event = z.object({
  eventId: id.optional(),
  eventType: id,
  eventValue: z.number().optional(),
  itemId: id.optional(),
  properties: z.string().min(1).max(1_024).optional(),
  /** Seconds since 1970. */
  sentAt: z.number(),
  recommendationId: z.string().min(1).max(40).optional(),
  impression: z.array(id).min(1).max(25).optional(),
  metricAttribution: z
    .object({
      eventAttributionSource: z
        .string()
        .min(1)
        .max(1_024)
        .regex(/^[\x20-\x7E]*[\x21-\x7E]+[\x20-\x7E]*$/),
    })
    .optional(),
});

export const putEvents = z.object({
  trackingId: id,
  userId: id.optional(),
  sessionId: id,
  eventList: z.array(event).min(1).max(10),
});

const properties = z.string().min(1).max(32_000).optional();

export const putItems = z.object({
  datasetArn: arn,
  items: z
    .array(z.object({ itemId: id, properties }))
    .min(1)
    .max(10),
});

export const putUsers = z.object({
  datasetArn: arn,
  users: z
    .array(z.object({ userId: id, properties }))
    .min(1)
    .max(10),
});

export type PutEvents = z.output<typeof putEvents>;
