import { batchPath, ownBatch } from '../../../lib/batches/batch.ts';
import { cancelBatch } from '../../../lib/batches/progress.ts';
import { noContent } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';

export const cancelBatchRoute = route(
  {
    route: 'DELETE /batches/{batchId}',
    summary: 'Cancel a batch: edits that are done stay, and no others are made',
    admits: 'signed-in',
    path: batchPath,
    see: (caller, { batchId }) => ownBatch(caller, batchId),
    answers: { 204: undefined },
  },
  async ({ seen }) => {
    await cancelBatch(seen);
    return noContent();
  },
);
