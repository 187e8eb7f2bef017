import { activityEvent } from '../../lib/activity/event.ts';
import { startRequested } from '../../lib/edits/start.ts';
import { queueHandler } from '../../lib/events/queue.ts';

/** EditsQueue: an edit or a batch was asked for, and its state machine starts. */
export const handler = queueHandler('start-edits', activityEvent, async (event, _record, line) => {
  line.fact = event.id;
  await startRequested(event);
});
