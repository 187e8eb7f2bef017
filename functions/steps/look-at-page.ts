import { lookAtPage, pageTask } from '../../lib/batches/progress.ts';
import { stepHandler } from '../../lib/events/step.ts';

/** filter-batch, LookAtPage: how many edits of the page are still under way. */
export const handler = stepHandler('look-at-page', pageTask, lookAtPage);
