const PREFIX = 'arn:aws:personalize:::recipe/';

/** What a recipe's campaigns answer. */
export type RecipeType = 'USER_PERSONALIZATION' | 'PERSONALIZED_RANKING' | 'RELATED_ITEMS' | 'POPULAR_ITEMS';

export interface Recipe {
  readonly name: string;
  readonly recipeArn: string;
  readonly recipeType: RecipeType;
  readonly description: string;
}

/** The recipes that can be trained here, by ARN. Source: Developer Guide, "Choosing a recipe". */
export const RECIPES: ReadonlyMap<string, Recipe> = new Map(
  (
    [
      ['aws-user-personalization-v2', 'USER_PERSONALIZATION', 'Recommends items that suit a user.'],
      ['aws-personalized-ranking-v2', 'PERSONALIZED_RANKING', 'Orders items as they suit a user.'],
      ['aws-similar-items', 'RELATED_ITEMS', 'Recommends items that are like an item.'],
      ['aws-trending-now', 'USER_PERSONALIZATION', 'Recommends items that become popular fastest.'],
      ['aws-popularity-count', 'POPULAR_ITEMS', 'Recommends what most people did something with.'],
    ] as const
  ).map(([name, recipeType, description]) => {
    const recipe = { name, recipeArn: PREFIX + name, recipeType, description };
    return [recipe.recipeArn, recipe] as const;
  }),
);

/** A recipe's name without what all names begin with. */
export function recipeName(recipeArn: string): string {
  return recipeArn.slice(`${PREFIX}aws-`.length);
}
