import { fanOutMessage } from '../../lib/activity/fan-out.ts';
import { updateFeeds } from '../../lib/activity/feed.ts';
import { queueHandler } from '../../lib/events/queue.ts';

/** FeedQueue: a photo was shared or a person followed, or one page of a fan-out. */
export const handler = queueHandler('update-feed', fanOutMessage, async (message, _record, line) => {
  line.fact = 'event' in message ? message.event.id : message.id;
  await updateFeeds(message);
});
