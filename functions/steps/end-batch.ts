import { batchEnd, endBatch } from '../../lib/batches/progress.ts';
import { stepHandler } from '../../lib/events/step.ts';

/** filter-batch, Finish and GiveUp: every page is through, or the machine cannot go on. */
export const handler = stepHandler('end-batch', batchEnd, endBatch);
