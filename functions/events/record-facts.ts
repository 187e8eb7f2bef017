import { activityEvent } from '../../lib/activity/event.ts';
import { recordFact } from '../../lib/clicks/facts.ts';
import { queueHandler } from '../../lib/events/queue.ts';

/** ClicksQueue: something happened that recommendations learn from. */
export const handler = queueHandler('record-facts', activityEvent, async (event, _record, line) => {
  line.fact = event.id;
  await recordFact(event);
});
