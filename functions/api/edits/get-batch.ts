import { batchPath, ownBatch } from '../../../lib/batches/batch.ts';
import { batchHeaders, batchView, presentBatch } from '../../../lib/batches/view.ts';
import { ok } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';

export const getBatchRoute = route(
  {
    route: 'GET /batches/{batchId}',
    summary: 'A batch and how far it is',
    admits: 'signed-in',
    path: batchPath,
    see: (caller, { batchId }) => ownBatch(caller, batchId),
    answers: { 200: batchView },
  },
  async ({ seen }) => ok(await presentBatch(seen), batchHeaders(seen)),
);
