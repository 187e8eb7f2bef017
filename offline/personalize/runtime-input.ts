import * as z from 'zod';
import { arn } from './input.ts';

/** Source of all limits: the Personalize Runtime API reference. */
const userId = z.string().max(256);
const itemId = z.string().max(256);

const filterValues = z
  .record(z.string().max(50), z.string().max(1_000))
  .refine((values) => Object.keys(values).length <= 25, 'expected at most 25 values');
const context = z
  .record(
    z
      .string()
      .max(150)
      .regex(/^[A-Za-z\d_]+$/),
    z.string().max(1_000),
  )
  .refine((values) => Object.keys(values).length <= 150, 'expected at most 150 keys');
const metadataColumns = z
  .record(z.string().max(256), z.array(z.string().max(150)).max(99))
  .refine((columns) => Object.keys(columns).length <= 1, 'expected at most 1 key');
const promotion = z.object({
  name: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9\-_]*$/)
    .optional(),
  percentPromotedItems: z.number().int().min(1).max(100).optional(),
  filterArn: arn.optional(),
  filterValues: filterValues.optional(),
});

const filtered = {
  context: context.optional(),
  filterArn: arn.optional(),
  filterValues: filterValues.optional(),
};

export const recommendations = z.object({
  ...filtered,
  campaignArn: arn.optional(),
  recommenderArn: arn.optional(),
  itemId: itemId.optional(),
  userId: userId.optional(),
  numResults: z.number().int().min(0).max(500).default(25),
  promotions: z.array(promotion).max(1).optional(),
  metadataColumns: metadataColumns.optional(),
});

export const ranking = z.object({
  ...filtered,
  campaignArn: arn,
  inputList: z.array(itemId).max(500),
  userId,
  metadataColumns: metadataColumns.optional(),
});

export const actionRecommendations = z.object({
  campaignArn: arn.optional(),
  userId: userId.optional(),
  numResults: z.number().int().min(0).max(100).default(5),
  filterArn: arn.optional(),
  filterValues: filterValues.optional(),
});

export type Recommendations = z.output<typeof recommendations>;
export type Ranking = z.output<typeof ranking>;
