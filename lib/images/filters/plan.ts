import { type Area, type Size, scaled } from '../size.ts';
import { type Geometry, Unfit, type Work } from './filter.ts';

/** A step in full size: as large as a photo may be that is handed in. */
const MAX_PIXELS = 100_000_000;
/** The longest side of a JPEG. */
const MAX_SIDE = 65_535;
/**
 * The most pixels that are worked on: 39 MB, of which a few copies are in memory at once. A photo of 12 megapixels
 * is never scaled for it, so that any part of it can be cut out in full sharpness; of a larger one the part alone is
 * decoded.
 */
const MOST_PIXELS = 13_000_000;

/** What one step does, `step` being its place in the chain. */
export interface Task {
  readonly step: number;
  readonly work: Exclude<Work, { type: 'several' }>;
}

/** How a chain is run on a photo: at which size it is decoded, and what is then done, with the size after it. */
export interface Plan {
  /** The part of the photo that is decoded, where it is not all of it. */
  readonly area?: Area;
  readonly decoded: Size;
  readonly tasks: readonly (Task & { readonly target: Size })[];
}

/** A step that can't be done with the photo, and why. */
export interface Refusal {
  readonly step: number;
  readonly detail: string;
}

/** The size of the photo in full after each task, or what can't be done. */
export function sizesAfter(tasks: readonly Task[], full: Size): Size[] | Refusal {
  const sizes: Size[] = [];
  let size = full;
  for (const { step, work } of tasks) {
    if (work.type === 'geometry') {
      const before = size;
      try {
        size = work.size(before);
      } catch (error) {
        if (error instanceof Unfit) return { step, detail: error.message };
        throw error;
      }
      const detail = tooLarge(before, size);
      if (detail) return { step, detail };
    }
    sizes.push(size);
  }
  return sizes;
}

/** A photo that has come in is never too large; only what makes it larger can be. */
function tooLarge(before: Size, { width, height }: Size): string | undefined {
  const grows = width * height > before.width * before.height;
  if (grows && width * height > MAX_PIXELS) {
    return `The result would have ${width} x ${height} pixels; at most ${MAX_PIXELS / 1e6} megapixels are made.`;
  }
  const longest = Math.max(width, height);
  if (longest > Math.max(before.width, before.height) && longest > MAX_SIDE) {
    return `The result would have ${width} x ${height} pixels; at most ${MAX_SIDE} on a side are made.`;
  }
  return undefined;
}

/**
 * Plans a chain so that its last picture is `wanted`, or as near as the photo's pixels and memory allow: what is cut
 * away or enlarged later is decoded in more detail now. Sizes are computed from the full ones, so that roundings
 * don't add up.
 *
 * @param wanted the size of the result, at most that of the photo in full
 */
export function planOf(tasks: readonly Task[], full: Size, wanted: (result: Size) => Size): Plan | Refusal {
  const refusal = sizesAfter(tasks, full);
  if (!Array.isArray(refusal)) return refusal;
  const ordered = cropsFirst(tasks);
  const sizes = [full, ...(sizesAfter(ordered, full) as Size[])];
  const needed = scalesOf(ordered, sizes, wanted(sizes.at(-1) as Size), Number.POSITIVE_INFINITY);
  const area = areaOf(ordered[0], full);
  if (area && full.width * full.height * (needed[0] as number) ** 2 > MOST_PIXELS) {
    const { width, height } = area;
    return { area, ...(planOf(ordered.slice(1), { width, height }, wanted) as Plan) };
  }
  const scales = scalesOf(ordered, sizes, wanted(sizes.at(-1) as Size), MOST_PIXELS);
  const at = (index: number) => scaled(sizes[index] as Size, scales[index] as number);
  return { decoded: at(0), tasks: ordered.map((task, index) => ({ ...task, target: at(index + 1) })) };
}

/**
 * What a crop leaves of the photo. All of a photo is decoded wherever that fits into memory, as most formats are
 * decoded at a fraction of their size for less than a part in full.
 */
function areaOf(task: Task | undefined, full: Size): Area | undefined {
  const crop = task && geometryOf(task);
  if (!crop?.region) return undefined;
  const { width, height } = crop.size(full);
  const start = (share: number, whole: number, part: number) =>
    Math.min(Math.round(share * whole), whole - part);
  const left = start(crop.region.x, full.width, width);
  return { left, top: start(crop.region.y, full.height, height), width, height };
}

/** What looks at one pixel at a time need not look at those that are cut away afterwards. */
function cropsFirst(tasks: readonly Task[]): Task[] {
  const ordered: Task[] = [];
  for (const task of tasks) {
    const isCrop = task.work.type === 'geometry' && task.work.region !== undefined;
    const before = isCrop ? ordered.findLastIndex(({ work }) => !isColour(work)) + 1 : ordered.length;
    ordered.splice(before, 0, task);
  }
  return ordered;
}

function isColour({ type }: Work): boolean {
  return type === 'curve' || type === 'colour';
}

/** The scale of the picture in memory before each task and at the end, 1 being full size; at most so many pixels. */
function scalesOf(tasks: readonly Task[], sizes: readonly Size[], wanted: Size, pixels: number): number[] {
  const most = ({ width, height }: Size) => Math.min(1, Math.sqrt(pixels / (width * height)));
  const last = sizes.at(-1) as Size;
  const needed = [Math.min(most(last), Math.max(wanted.width / last.width, wanted.height / last.height))];
  for (let index = tasks.length - 1; index >= 0; index -= 1) {
    const before = sizes[index] as Size;
    needed.unshift(Math.min(most(before), (needed[0] as number) * zoomOf(tasks[index] as Task, before)));
  }
  const scales = [needed[0] as number];
  for (const [index, task] of tasks.entries()) {
    const resizes = geometryOf(task)?.zoom !== undefined;
    scales.push((resizes ? needed[index + 1] : scales[index]) as number);
  }
  return scales;
}

function zoomOf(task: Task, before: Size): number {
  return geometryOf(task)?.zoom?.(before) ?? 1;
}

function geometryOf({ work }: Task): Geometry | undefined {
  return work.type === 'geometry' ? work : undefined;
}
