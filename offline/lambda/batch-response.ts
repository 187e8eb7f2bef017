import * as z from 'zod';

/** What a function said about a batch: which records failed, or that the whole batch did. */
export type BatchResponse =
  | { readonly kind: 'failed' }
  | { readonly kind: 'processed'; readonly failures: ReadonlySet<string> };

const response = z
  .object({
    batchItemFailures: z
      .array(z.object({ itemIdentifier: z.string().min(1) }))
      .nullable()
      .optional(),
  })
  .nullable()
  .optional();

/**
 * Reads the answer of a function with ReportBatchItemFailures. No answer, an empty one and an empty or absent
 * list mean that everything succeeded; what isn't of this form, or names a record that isn't in the batch,
 * means that everything failed. Source: "Success and failure conditions", Lambda developer guide.
 */
export function readBatchResponse(payload: unknown, identifiers: ReadonlySet<string>): BatchResponse {
  const parsed = response.safeParse(payload);
  if (!parsed.success) return { kind: 'failed' };
  const failures = new Set(parsed.data?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier));
  const unknown = [...failures].some((identifier) => !identifiers.has(identifier));
  return unknown ? { kind: 'failed' } : { kind: 'processed', failures };
}
