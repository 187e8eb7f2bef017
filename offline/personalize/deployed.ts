import type { Model } from '../../lib/recommendations/model.ts';
import type { GroupData } from './data.ts';
import { notFound } from './errors.ts';
import { updateStatusOf } from './lifecycle.ts';
import { RECIPES, type Recipe } from './recipes.ts';
import type { CampaignConfig, Deployed, ResourceOf } from './resources.ts';
import type { World } from './world.ts';

/** What stands for the newest version of a solution. */
export const LATEST = '/$LATEST';

/** A campaign that answers, with all that it answers by. */
export interface Serving {
  readonly campaignArn: string;
  readonly config: CampaignConfig;
  readonly version: ResourceOf<'solution-version'>;
  readonly recipe: Recipe;
  readonly model: Model;
  readonly data: GroupData;
}

/**
 * @throws ServiceError ResourceNotFoundException (404) where there is no such campaign, or it isn't ready
 */
export function servingOf(world: World, campaignArn: string): Serving {
  const { resources, models } = world;
  const campaign = resources.of('campaign', campaignArn);
  if (!campaign || !resources.isActive(campaign)) throw notFound(`Campaign not found: ${campaignArn}`, 404);
  const deployed = deployedNow(campaign, world.now);
  const { solutionVersionArn, campaignConfig = {} } = deployed;
  const version = versionNow(world, deployed);
  if (!version) throw notFound(`Solution version not found: ${solutionVersionArn}`, 404);
  return {
    ...{ campaignArn, version, config: campaignConfig },
    recipe: RECIPES.get(version.recipeArn) as Recipe,
    model: models.modelOf(version.arn),
    data: world.dataOf(version.datasetGroupArn),
  };
}

/** What a campaign serves: what it was told last, once that has been put in place. */
export function deployedNow(campaign: ResourceOf<'campaign'>, now: number): Deployed {
  const { update } = campaign;
  return update && updateStatusOf(update.updatedAt, now) === 'ACTIVE' ? update : campaign;
}

/** The version that is served: of campaigns in step with their solution the newest that is done. */
export function versionNow(
  world: World,
  { solutionVersionArn: arn, campaignConfig }: Deployed,
): ResourceOf<'solution-version'> | undefined {
  const { resources } = world;
  if (!campaignConfig?.syncWithLatestSolutionVersion && !arn.endsWith(LATEST)) {
    return resources.of('solution-version', arn);
  }
  return world.versionsOf(arn.slice(0, arn.lastIndexOf('/'))).find((each) => resources.isActive(each));
}
