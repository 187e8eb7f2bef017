import { openPage, pageTask } from '../../lib/batches/progress.ts';
import { stepHandler } from '../../lib/events/step.ts';

/** filter-batch, OpenPage: asks for the edits of ten photos. */
export const handler = stepHandler('open-page', pageTask, openPage);
