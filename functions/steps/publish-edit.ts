import { publishEdit, renderedSchema, taskInput } from '../../lib/edits/tasks.ts';
import { stepHandler } from '../../lib/events/step.ts';

/** filter-photo, Publish: the edit is done, if it is still running. */
export const handler = stepHandler(
  'publish-edit',
  taskInput.extend({ rendered: renderedSchema }),
  publishEdit,
);
