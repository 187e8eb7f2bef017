import { hashOf } from '../../lib/recommendations/random.ts';
import { type Serving, servingOf } from './deployed.ts';
import { invalid, notFound } from './errors.ts';
import { type Allows, allowedBy, type Subject } from './filtering.ts';
import { itemOf, profileOf } from './lessons.ts';
import { forUser, type Listed, likeItem, popular, ranked } from './lists.ts';
import { checkMetadata, withMetadata } from './metadata.ts';
import { promoted } from './promotions.ts';
import { recipeName } from './recipes.ts';
import type { Ranking, Recommendations } from './runtime-input.ts';
import { trendingNow } from './trending.ts';
import type { World } from './world.ts';

const HOUR = 3_600_000;
/** As many as one answer may have, and the model gives. */
const MOST = 500;

/** What GetRecommendations answers. */
export function getRecommendations(world: World, asked: Recommendations): Record<string, unknown> {
  const { campaignArn, recommenderArn, userId, itemId, numResults } = asked;
  if ((campaignArn === undefined) === (recommenderArn === undefined)) {
    throw invalid('Expected either a campaignArn or a recommenderArn.');
  }
  if (campaignArn === undefined) throw notFound(`Recommender not found: ${recommenderArn}`, 404);
  const serving = servingOf(world, campaignArn);
  const { recipeType, name } = serving.recipe;
  if (recipeType === 'PERSONALIZED_RANKING')
    throw invalid(`A campaign of ${name} answers GetPersonalizedRanking.`);
  if (recipeType === 'RELATED_ITEMS' && !itemId) throw invalid(`The recipe ${name} needs an itemId.`);
  if (recipeType === 'USER_PERSONALIZATION' && !userId) throw invalid(`The recipe ${name} needs a userId.`);
  const columns = checkMetadata(world, serving, asked.metadataColumns, numResults);

  const subject = subjectOf(serving, userId, itemId);
  const allows = allowedBy(world, asked, subject);
  const list = (limit: number, allowed: Allows) => listOf(world, serving, subject, limit, allowed);
  const [promotion] = asked.promotions ?? [];
  const items = promotion
    ? promoted(world, promotion, numResults, list, allows, allowedBy(world, promotion, subject))
    : list(numResults, allows);
  const itemList = items.map((item) => withMetadata(serving, columns, item));
  return { itemList, recommendationId: recommendationIdOf(world, serving, items) };
}

/** What GetPersonalizedRanking answers. */
export function getPersonalizedRanking(world: World, asked: Ranking): Record<string, unknown> {
  const { campaignArn, userId, inputList } = asked;
  const serving = servingOf(world, campaignArn);
  const { recipeType, name } = serving.recipe;
  if (recipeType !== 'PERSONALIZED_RANKING')
    throw invalid(`A campaign of ${name} answers GetRecommendations.`);
  const columns = checkMetadata(world, serving, asked.metadataColumns, inputList.length);
  const allows = allowedBy(world, asked, subjectOf(serving, userId, undefined));
  const profile = profileOf(serving.data.histories.newestOf(userId));
  const items = ranked(serving.model, profile, inputList.filter(allows), world.now);
  const personalizedRanking = items.map((item) => withMetadata(serving, columns, item));
  return { personalizedRanking, recommendationId: recommendationIdOf(world, serving, items) };
}

function subjectOf(
  { recipe, version }: Serving,
  userId: string | undefined,
  itemId: string | undefined,
): Subject {
  const isRelated = recipe.recipeType === 'RELATED_ITEMS';
  return {
    ...{ groupArn: version.datasetGroupArn, userId, isRelated },
    currentItem: isRelated ? itemId : undefined,
  };
}

function listOf(world: World, serving: Serving, subject: Subject, limit: number, allows: Allows): Listed[] {
  const { model, data, version } = serving;
  const first = (list: Listed[]) => list.filter(({ itemId }) => allows(itemId)).slice(0, limit);
  switch (recipeName(version.recipeArn)) {
    case 'popularity-count':
      return first(popular(model));
    case 'trending-now':
      return first(trendingNow(model, data.histories, version.solutionConfig, world.now));
    case 'similar-items': {
      const list = likeItem(model, subject.currentItem as string, MOST);
      return first(list.length > 0 ? list : popular(model));
    }
    default:
      return filled(suiting(world, serving, subject.userId as string, limit, allows), serving, limit, allows);
  }
}

/** What suits the user, of all that the filter lets through, items younger than the model among it. */
function suiting(
  world: World,
  { model, data, config }: Serving,
  userId: string,
  limit: number,
  allows: Allows,
): Listed[] {
  const { now } = world;
  const fresh = data
    .recordsOf('Items')
    .filter(({ ITEM_ID: id }) => !model.placeOf.has(String(id)) && allows(String(id)))
    .map(itemOf);
  const weight = config.itemExplorationConfig?.explorationWeight;
  return forUser(model, profileOf(data.histories.newestOf(userId)), {
    ...{ limit, now, fresh },
    exclude: model.photoIds.filter((photoId) => !allows(photoId)),
    // What is tried out stays for a while, so that an app that asks twice shows the same.
    seed: hashOf(userId, Math.floor(now / HOUR)),
    ...(weight !== undefined && { explore: Number(weight) }),
  });
}

/** API Reference, PredictedItem: popular items that the filter lets through stand where others are missing. */
function filled(list: Listed[], { model }: Serving, limit: number, allows: Allows): Listed[] {
  if (list.length >= limit) return list;
  const has = new Set(list.map(({ itemId }) => itemId));
  const others = popular(model).filter(({ itemId }) => !has.has(itemId) && allows(itemId));
  const missing = others.slice(0, limit - list.length);
  return [...list, ...missing.map(({ itemId }) => ({ itemId, reason: ['Popular item'] }))];
}

function recommendationIdOf(
  { context, shown }: World,
  { campaignArn }: Serving,
  items: readonly Listed[],
): string {
  let id = `RID-${context.random.uuid()}`;
  while (shown.has(id)) id = `RID-${context.random.uuid()}`;
  shown.add(
    id,
    items.map(({ itemId }) => itemId),
    campaignArn,
  );
  return id;
}
