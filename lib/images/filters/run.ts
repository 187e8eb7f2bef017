import type { Raster } from '../raster.ts';
import type { PixelWork } from './filter.ts';
import { fuse } from './fuse.ts';
import { PIXELS } from './pixels.ts';
import type { Plan } from './plan.ts';

/**
 * Does the tasks of a plan, one after the other.
 *
 * @param decoded a picture of the size that the plan decodes; its pixels are the chain's to change from now on
 */
export async function run(decoded: Raster, tasks: Plan['tasks']): Promise<Raster> {
  let raster = decoded;
  let waiting: PixelWork[] = [];
  const settle = () => {
    if (waiting.length > 0) fuse(raster, waiting);
    waiting = [];
  };
  for (const { work, target } of tasks) {
    if (work.type === 'curve' || work.type === 'colour' || work.type === 'rows') {
      waiting.push(work);
      continue;
    }
    settle();
    if (work.type === 'measured') waiting.push(work.measure(raster));
    else if (work.type === 'pixels') raster = await work.apply(raster, PIXELS);
    else raster = await work.apply(raster, target, PIXELS);
  }
  settle();
  return raster;
}
