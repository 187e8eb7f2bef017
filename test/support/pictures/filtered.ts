import { stepsSchema, tasksOf } from '../../../lib/images/filters/chain.ts';
import { planOf } from '../../../lib/images/filters/plan.ts';
import { run } from '../../../lib/images/filters/run.ts';
import type { Raster } from '../../../lib/images/raster.ts';

/** The picture after the steps, at its own size; steps as a client writes them. */
export function filtered(
  raster: Raster,
  ...steps: { readonly filter: string; readonly params?: object }[]
): Promise<Raster> {
  const plan = planOf(tasksOf(stepsSchema.parse(steps)), raster, (result) => result);
  if (!('tasks' in plan)) throw new Error(plan.detail);
  return run({ ...raster, data: Buffer.from(raster.data) }, plan.tasks);
}
