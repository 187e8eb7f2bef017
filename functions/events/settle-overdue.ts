import { scheduleHandler } from '../../lib/events/schedule.ts';
import { settleOverdue } from '../../lib/overdue.ts';

/** Every minute: upload slots expire, trash is purged, edits that do not end are given up and swept away. */
export const handler = scheduleHandler('settle-overdue', () => settleOverdue());
