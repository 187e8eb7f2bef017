import { decode } from '../decode.ts';
import type { ImageFacts } from '../inspect.ts';
import type { Placeholder } from '../placeholder.ts';
import { baseSize, RENDITIONS, type Recipe, type Rendition, renditionsOf } from '../renditions.ts';
import { editedSize, FilterRefused, type Step, tasksOf } from './chain.ts';
import { planOf } from './plan.ts';
import { run } from './run.ts';

/**
 * Makes the edited photo in all renditions, and its placeholder: the file is decoded once, the chain is run once, at
 * the largest size, and the other sizes are derived from its result. Radii and lengths are relative to the picture,
 * so all of them look alike.
 *
 * @param facts what inspectImage said of the same bytes
 * @returns with the edited photo's size in full
 * @throws FilterRefused as editedSize
 * @throws ImageRejected `corrupt-image` where the file turns out damaged
 */
export async function renderSteps(
  bytes: Buffer,
  facts: ImageFacts,
  steps: readonly Step[],
): Promise<{ renditions: Rendition[]; placeholder: Placeholder; width: number; height: number }> {
  return renderStepsAs(bytes, facts, steps, RENDITIONS);
}

/** The same, with a table of one's own. */
export async function renderStepsAs<Name extends string>(
  bytes: Buffer,
  facts: ImageFacts,
  steps: readonly Step[],
  recipes: readonly (Recipe & { readonly name: Name })[],
): Promise<{ renditions: Rendition<Name>[]; placeholder: Placeholder; width: number; height: number }> {
  const { width, height } = editedSize(steps, facts);
  const plan = planOf(tasksOf(steps), facts, (result) => baseSize(result, recipes));
  if (!('tasks' in plan)) throw new FilterRefused(plan.step, plan.detail);
  const edited = await run(await decode(bytes, facts, plan.decoded, plan.area), plan.tasks);
  return { ...(await renditionsOf(edited, { width, height }, recipes)), width, height };
}
