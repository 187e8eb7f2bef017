import { learnFrom } from '../../lib/clicks/learn.ts';
import { clicksArrived } from '../../lib/clicks/stored.ts';
import { queueHandler } from '../../lib/events/queue.ts';

/** LearningQueue: a file of the clickstream has arrived in the bucket. */
export const handler = queueHandler('learn-from-clicks', clicksArrived, async (keys, _record, line) => {
  line.objects = keys;
  for (const key of keys) Object.assign(line, await learnFrom(key));
});
