import { activityEvent } from '../../lib/activity/event.ts';
import { queueHandler } from '../../lib/events/queue.ts';
import { removeObjects } from '../../lib/photos/objects.ts';

/** RemovalsQueue: a photo is gone for good, and its objects with all their versions follow. */
export const handler = queueHandler('remove-objects', activityEvent, async ({ subject }, _record, line) => {
  line.photoId = subject.id;
  line.removed = await removeObjects(subject.id);
});
