import { scheduleHandler } from '../../lib/events/schedule.ts';
import { retryFailed } from '../../lib/overdue.ts';

/** `npm run redrive`: every photo that failed for our own fault is put back to work. */
export const handler = scheduleHandler('retry-failed', async () => ({ retried: await retryFailed() }));
