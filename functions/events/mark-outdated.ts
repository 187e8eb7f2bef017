import { scheduleHandler } from '../../lib/events/schedule.ts';
import { markOutdated, outdatedRequest } from '../../lib/photos/outdated.ts';

/** `npm run rerender`: photos whose renditions would be made otherwise today are put to work. */
export const handler = scheduleHandler('mark-outdated', (request) =>
  markOutdated(outdatedRequest.parse(request)),
);
