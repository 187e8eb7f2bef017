import * as z from 'zod';
import { failEdit, taskInput } from '../../lib/edits/tasks.ts';
import { stepHandler } from '../../lib/events/step.ts';

const failedInput = taskInput.extend({ error: z.object({ Error: z.string() }) });

/** filter-photo, Compensate: the edit fails with a code, and what was stored for it is removed. */
export const handler = stepHandler('fail-edit', failedInput, failEdit);
