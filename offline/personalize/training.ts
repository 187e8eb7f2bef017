import { JobFailed } from './errors.ts';
import type { Interaction } from './histories.ts';
import { learntFrom, lessonsOf } from './lessons.ts';
import { recipeName } from './recipes.ts';
import type { ResourceOf } from './resources.ts';
import type { World } from './world.ts';

/** Developer Guide, "Service quotas": what training needs at least. */
const LEAST_INTERACTIONS = 1_000;
const LEAST_USERS = 25;
const USER_INTERACTIONS = 2;

/**
 * Trains a version by what is known now, in a thread of its own.
 * @returns how it does on what was held out
 * @throws JobFailed where there is too little to learn from
 */
export function runTraining(
  world: World,
  version: ResourceOf<'solution-version'>,
): Promise<Readonly<Record<string, number>>> {
  const data = world.dataOf(version.datasetGroupArn);
  const interactions = learntFrom(data, version);
  checkEnough(interactions);
  return world.models.train(version.arn, {
    ...lessonsOf(data, interactions),
    recipe: recipeName(version.recipeArn),
    now: world.now,
  });
}

function checkEnough(interactions: readonly Interaction[]): void {
  const counts = new Map<string, number>();
  for (const { user } of interactions) counts.set(user, (counts.get(user) ?? 0) + 1);
  const users = [...counts.values()].filter((count) => count >= USER_INTERACTIONS).length;
  if (interactions.length >= LEAST_INTERACTIONS && users >= LEAST_USERS) return;
  throw new JobFailed(
    `Insufficient data for training: expected at least ${LEAST_INTERACTIONS} unique interactions, and ` +
      `${LEAST_USERS} users with ${USER_INTERACTIONS} or more; got ${interactions.length} and ${users}.`,
  );
}
