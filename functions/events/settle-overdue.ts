import { scheduleHandler } from '../../lib/events/schedule.ts';
import { settleOverdue } from '../../lib/photos/overdue.ts';

/** Every minute: upload slots expire, trash is purged. */
export const handler = scheduleHandler('settle-overdue', () => settleOverdue());
