import { renderEdit } from '../../lib/edits/render.ts';
import { taskInput } from '../../lib/edits/tasks.ts';
import { stepHandler } from '../../lib/events/step.ts';

/** filter-photo, Render: one decode, the chain of steps once, every output stored. */
export const handler = stepHandler('render-edit', taskInput, renderEdit);
