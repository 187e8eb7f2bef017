import * as z from 'zod';
import * as inputs from './control-input.ts';
import type { Operations } from './datasets.ts';
import { notFound } from './errors.ts';
import { arn, read } from './input.ts';
import { NOUNS, type Noun } from './nouns.ts';
import { pageOf } from './pages.ts';
import { solutionOf } from './quotas.ts';
import { RECIPES, type Recipe } from './recipes.ts';
import type { Register } from './register.ts';
import type { Known } from './resources.ts';
import { described, summarised } from './views.ts';
import type { World } from './world.ts';

/** When the recipes came to be: a time before any of what is made here. */
const RECIPES_SINCE = Date.UTC(2024, 3, 25) / 1_000;

/** The Describe and List operations. */
export function inquiryOperations(world: World, register: Register): Operations {
  const describe =
    ({ kind, member, arnMember }: Noun): Operations[string] =>
    (input) => {
      const { [arnMember]: asked } = read(z.object({ [arnMember]: arn }), input);
      return { [member]: described(world, register.known(kind, String(asked))) };
    };
  const list =
    ({ kind, listMember, within }: Noun): Operations[string] =>
    (input) => {
      const asked = read(z.object({ ...inputs.page, ...(within && { [within]: arn.optional() }) }), input);
      const place = within === undefined ? undefined : (asked as Record<string, unknown>)[within];
      const all: Known[] = world.resources.all(kind);
      const own = all.filter((each) => place === undefined || memberOf(each, within as string) === place);
      const { items, ...next } = pageOf(own, asked);
      return { [listMember]: items.map((each) => summarised(world, each)), ...next };
    };
  /** What a list is narrowed down by; of a campaign the solution that it serves. */
  const memberOf = (resource: Known, within: string): unknown =>
    resource.kind === 'campaign'
      ? solutionOf(world, resource)?.arn
      : (resource as unknown as Record<string, unknown>)[within];

  return {
    ...Object.fromEntries([...NOUNS.values()].map((noun) => [`Describe${noun.singular}`, describe(noun)])),
    ...Object.fromEntries([...NOUNS.values()].map((noun) => [`List${noun.plural}`, list(noun)])),

    ListMetricAttributionMetrics(input) {
      const { metricAttributionArn = '', ...page } = read(inputs.attributionMetrics, input);
      const { items, ...next } = pageOf(
        register.known('metric-attribution', metricAttributionArn).metrics,
        page,
      );
      return { metrics: items, ...next };
    },

    ListRecipes(input) {
      const asked = read(inputs.listRecipes, input);
      const { items, ...next } = pageOf(asked.domain ? [] : [...RECIPES.values()], asked);
      return { recipes: items.map(({ name, recipeArn }) => ({ name, recipeArn, ...since })), ...next };
    },

    DescribeRecipe(input) {
      const { recipeArn } = read(inputs.recipe, input);
      const recipe = RECIPES.get(recipeArn);
      if (!recipe) throw notFound(`Recipe not found: ${recipeArn}`);
      return { recipe: toldRecipe(recipe) };
    },
  };
}

const since = { status: 'ACTIVE', creationDateTime: RECIPES_SINCE, lastUpdatedDateTime: RECIPES_SINCE };

function toldRecipe(recipe: Recipe): Record<string, unknown> {
  return {
    ...recipe,
    ...since,
    algorithmArn: `arn:aws:personalize:::algorithm/${recipe.name}`,
    featureTransformationArn: `arn:aws:personalize:::feature-transformation/${recipe.name}`,
  };
}
