import { deployedNow, versionNow } from './deployed.ts';
import { changedAt, SETTLED_MS, updateStatusOf } from './lifecycle.ts';
import { NOUNS, type Noun } from './nouns.ts';
import type { Known, ResourceOf } from './resources.ts';
import type { World } from './world.ts';

type Output = Record<string, unknown>;

/** What stays inside. */
const OWN = ['kind', 'arn', 'name', 'createdAt', 'updatedAt', 'deletingAt', 'declared', 'outcome'];

/** A resource as Describe tells it. */
export function described(world: World, resource: Known): Output {
  const noun = NOUNS.get(resource.kind) as Noun;
  const details = Object.entries(resource).filter(([name]) => !OWN.includes(name));
  return { ...Object.fromEntries(details), ...headOf(world, resource, noun), ...moreOf(world, resource) };
}

/** A resource as List tells it. */
export function summarised(world: World, resource: Known): Output {
  const noun = NOUNS.get(resource.kind) as Noun;
  const details = Object.entries(resource).filter(([name]) => noun.summary.includes(name));
  return { ...headOf(world, resource, noun), ...Object.fromEntries(details) };
}

function headOf({ resources, now }: World, resource: Known, noun: Noun): Output {
  const { arn, name, createdAt, outcome } = resource;
  return {
    [noun.arnMember]: arn,
    [noun.nameMember]: name,
    ...(noun.hasStatus && { status: resources.statusOf(resource) }),
    creationDateTime: createdAt / 1_000,
    lastUpdatedDateTime: changedAt(resource, now) / 1_000,
    ...(outcome?.failureReason !== undefined &&
      resources.statusOf(resource) === 'CREATE FAILED' && { failureReason: outcome.failureReason }),
  };
}

function moreOf(world: World, resource: Known): Output {
  switch (resource.kind) {
    case 'solution': {
      const [latest] = world.versionsOf(resource.arn);
      return latest ? { latestSolutionVersion: summarised(world, latest) } : {};
    }
    case 'solution-version':
      return { metrics: undefined };
    case 'metric-attribution':
      return { metrics: undefined };
    case 'campaign':
      return campaignOf(world, resource);
    default:
      return {};
  }
}

function campaignOf(world: World, campaign: ResourceOf<'campaign'>): Output {
  const { update } = campaign;
  const { now } = world;
  const served = deployedNow(campaign, now);
  const { minProvisionedTPS, campaignConfig } = served;
  const solutionVersionArn = versionNow(world, served)?.arn ?? served.solutionVersionArn;
  const deployed = { solutionVersionArn, minProvisionedTPS, campaignConfig };
  if (!update) return { ...deployed, update };
  const { updatedAt, ...told } = update;
  return {
    ...deployed,
    update: undefined,
    latestCampaignUpdate: {
      ...told,
      status: updateStatusOf(updatedAt, now),
      creationDateTime: updatedAt / 1_000,
      lastUpdatedDateTime: Math.min(now, updatedAt + SETTLED_MS) / 1_000,
    },
  };
}
