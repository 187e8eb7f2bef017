/** The largest event of a synchronous invocation: 6 MiB, less what surrounds the records. */
const LARGEST_BATCH = 6 * 1024 * 1024 - 1024;

/** Cuts records into runs that each fit into one invocation. A record that is too large goes alone. */
export function fittingBatches<Item>(records: readonly Item[]): Item[][] {
  const batches: Item[][] = [];
  let room = 0;
  for (const record of records) {
    const bytes = Buffer.byteLength(JSON.stringify(record)) + 1;
    if (bytes > room) {
      batches.push([]);
      room = LARGEST_BATCH;
    }
    batches.at(-1)?.push(record);
    room -= bytes;
  }
  return batches;
}
