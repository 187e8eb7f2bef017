import { fanOutMessage } from '../../lib/activity/fan-out.ts';
import { updateInboxes } from '../../lib/activity/inbox.ts';
import { queueHandler } from '../../lib/events/queue.ts';

/** InboxQueue: something happened that people want to hear of, or one page of a fan-out. */
export const handler = queueHandler('update-inbox', fanOutMessage, async (message, _record, line) => {
  line.fact = 'event' in message ? message.event.id : message.id;
  await updateInboxes(message);
});
