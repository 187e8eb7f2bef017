import { activityEvent } from '../../lib/activity/event.ts';
import { removeWhatIsLeft } from '../../lib/edits/remove.ts';
import { queueHandler } from '../../lib/events/queue.ts';

/** RemovalsQueue: a photo, an edit or an upload is gone for good, and its objects with all their versions follow. */
export const handler = queueHandler('remove-objects', activityEvent, async (event, _record, line) => {
  line.fact = event.id;
  line.removed = await removeWhatIsLeft(event);
});
