import * as z from 'zod';
import type { Size } from '../size.ts';
import type { Filter, Work } from './filter.ts';
import { sizesAfter, type Task } from './plan.ts';
import { FILTERS, findFilter } from './registry.ts';

/** How many steps a chain may have. */
export const MAX_STEPS = 20;

/** To be raised when this folder changes what an edited photo looks like. */
const PIPELINE = 3;

/** One step of a chain: a filter or look by name, with all its parameters. */
export interface Step {
  readonly filter: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A filter or look as it is offered to clients. */
export interface FilterDescription {
  readonly name: string;
  readonly kind: 'filter' | 'look';
  readonly description: string;
  /** JSON Schema of the parameters, with defaults, limits and what they mean. */
  readonly schema: object;
}

/** A step can't be done with this photo. */
export class FilterRefused extends Error {
  override readonly name = 'FilterRefused';
  /** The step's place in the chain, from 0. */
  readonly step: number;
  /** One sentence for the photo's owner. */
  readonly detail: string;

  constructor(step: number, detail: string) {
    super(`Step ${step}: ${detail}`);
    this.step = step;
    this.detail = detail;
  }
}

type StepSchema = z.ZodObject<{ filter: z.ZodLiteral<string>; params: z.ZodType }>;

/** Exactly the names and parameters that exist, and every default filled in. */
export const stepsSchema: z.ZodType<Step[]> = z
  .array(
    z
      .discriminatedUnion('filter', FILTERS.map(stepOf) as unknown as readonly [StepSchema, ...StepSchema[]])
      .meta({ id: 'EditStep', description: 'A filter or look of GET /filters with its parameters.' }),
  )
  .min(1)
  .max(MAX_STEPS)
  .meta({
    description: `1 to ${MAX_STEPS} steps, done in this order. Parameters that are left out have their default.`,
  }) as unknown as z.ZodType<Step[]>;

function stepOf({ name, schema }: Filter) {
  return z.strictObject({ filter: z.literal(name), params: schema.prefault({}) });
}

/** All filters and looks that there are. */
export const filterDescriptions: readonly FilterDescription[] = FILTERS.map(
  ({ name, kind, description, schema }) => ({
    name,
    kind,
    description,
    schema: z.toJSONSchema(schema, { io: 'input' }),
  }),
);

/**
 * The size that a photo has after the steps, in full.
 *
 * @param size the photo's, upright
 * @throws FilterRefused where a step can't be done with a photo of this size, or its result would be too large
 */
export function editedSize(steps: readonly Step[], size: Size): Size {
  const sizes = sizesAfter(tasksOf(steps), size);
  if (!Array.isArray(sizes)) throw new FilterRefused(sizes.step, sizes.detail);
  const { width, height } = sizes.at(-1) ?? size;
  return { width, height };
}

/**
 * What the steps do to a photo, as one line: equal chains give equal lines, however they were written down. The
 * libraries that do it are named by the recipe of each rendition.
 *
 * @throws FilterRefused for a step that isn't one
 */
export function recipeOfSteps(steps: readonly Step[]): string {
  const canonical = checked(steps).map(({ filter, params }) => [
    filter.name,
    Object.fromEntries(Object.entries(params).sort(([one], [other]) => (one < other ? -1 : 1))),
  ]);
  return `filters ${PIPELINE}, ${JSON.stringify(canonical)}`;
}

/**
 * What the steps do, one after the other; a look is several tasks.
 *
 * @throws FilterRefused for a step that isn't one
 */
export function tasksOf(steps: readonly Step[]): Task[] {
  return checked(steps).flatMap(({ filter, params }, step) =>
    flat(filter.work(params)).map((work) => ({ step, work })),
  );
}

function flat(work: Work): Task['work'][] {
  return work.type === 'several' ? work.works.flatMap(flat) : [work];
}

/** Steps may have been stored since they were checked, by a version that knew others. */
function checked(steps: readonly Step[]) {
  return steps.map(({ filter: name, params }, step) => {
    const filter = findFilter(name);
    if (!filter) throw new FilterRefused(step, `There is no filter ${JSON.stringify(name)}.`);
    const parsed = filter.schema.safeParse(params);
    if (!parsed.success) {
      throw new FilterRefused(
        step,
        `The parameters of ${name} are not right: ${parsed.error.issues[0]?.message}.`,
      );
    }
    return { filter, params: parsed.data };
  });
}
