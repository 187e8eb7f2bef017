import { checkEdit, taskInput } from '../../lib/edits/tasks.ts';
import { stepHandler } from '../../lib/events/step.ts';

/** filter-photo, Check: takes the edit for this execution, if it is still wanted. */
export const handler = stepHandler('check-edit', taskInput, checkEdit);
