import * as z from 'zod';
import { ServiceError } from '../contract.ts';

const MOST_ENTRIES = 10;

/** The entries of a batch request; each is checked by itself, so that one wrong entry fails alone. */
export const batchEntries = z.array(z.looseObject({ Id: z.string() }));

type Entry = z.output<typeof batchEntries>[number];

/**
 * Runs each entry of a batch by itself. What an entry throws is that entry's failure only.
 * @throws ServiceError where the batch as a whole is not one
 */
export function eachEntry(
  entries: readonly Entry[],
  run: (entry: Entry) => Record<string, unknown>,
): { Successful: Record<string, unknown>[]; Failed: Record<string, unknown>[] } {
  checkEntries(entries);
  const Successful: Record<string, unknown>[] = [];
  const Failed: Record<string, unknown>[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const { code, message, status } = error;
      Failed.push({ Id: entry.Id, Code: code, Message: message, SenderFault: status < 500 });
    }
  }
  return { Successful, Failed };
}

function checkEntries(entries: readonly Entry[]): void {
  if (entries.length === 0) {
    throw new ServiceError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > MOST_ENTRIES) {
    throw new ServiceError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MOST_ENTRIES}. You have sent ${entries.length}.`,
    );
  }
  const ids = new Set<string>();
  for (const { Id } of entries) {
    if (!/^[\w-]{1,80}$/.test(Id)) {
      throw new ServiceError(
        'InvalidBatchEntryId',
        `A batch entry id can only contain alphanumeric characters, hyphens and underscores, and be at most 80 long; "${Id}" came.`,
      );
    }
    if (ids.has(Id)) throw new ServiceError('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`);
    ids.add(Id);
  }
}
