import * as z from 'zod';
import { batchRequest, createBatch } from '../../../lib/batches/create.ts';
import { batchHeaders, batchView, presentBatch, refreshBatch } from '../../../lib/batches/view.ts';
import { accepted } from '../../../lib/http/answer.ts';
import { jsonBody } from '../../../lib/http/body.ts';
import { route } from '../../../lib/http/route.ts';

export const createBatchRoute = route(
  {
    route: 'POST /batches',
    summary: 'Ask for the same edit of up to 1 000 photos of the caller’s own',
    admits: 'signed-in',
    body: jsonBody(batchRequest),
    answers: { 202: z.object({ batch: batchView }) },
    refresh: refreshBatch,
  },
  async ({ caller, body }) => {
    const batch = await createBatch(caller, body);
    return accepted(`/batches/${batch.id}`, { batch: await presentBatch(batch) }, batchHeaders(batch));
  },
);
