import { limitExceeded } from './errors.ts';
import type { Kind, Known, ResourceOf } from './resources.ts';
import type { World } from './world.ts';

/** Developer Guide, "Service quotas", as they are unless raised: of the account, and of a dataset group. */
const OF_ACCOUNT: Partial<Record<Kind, number>> = { schema: 500, 'dataset-group': 5 };
const OF_GROUP: Partial<Record<Kind, number>> = { solution: 10, campaign: 5, filter: 30 };
/** Of these, as many as are pending or in progress count, of the account. */
const UNDER_WAY: Partial<Record<Kind, number>> = { 'dataset-import-job': 5, 'solution-version': 20 };
/** Of these, as many as are pending count, of a dataset group. */
const PENDING: Partial<Record<Kind, number>> = { 'data-deletion-job': 5 };

/** @throws ServiceError LimitExceededException where there may be no further one */
export function checkQuota(world: World, kind: Kind, groupArn: string): void {
  const { resources } = world;
  const all: readonly Known[] = resources.all(kind);
  const statusIs = (pattern: RegExp) => all.filter((each) => pattern.test(resources.statusOf(each)));
  const check = (most: number | undefined, counted: readonly Known[], what: string) => {
    if (most !== undefined && counted.length >= most) throw limitExceeded(what, most);
  };
  check(OF_ACCOUNT[kind], all, `${kind} resources`);
  const own = all.filter((each) => groupOf(world, each) === groupArn);
  check(OF_GROUP[kind], own, `${kind} resources of a dataset group`);
  const underWay = statusIs(/^CREATE (PENDING|IN_PROGRESS)$/);
  check(UNDER_WAY[kind], underWay, `${kind} resources with PENDING or IN_PROGRESS status`);
  const pending = statusIs(/^CREATE PENDING$/).filter((each) => own.includes(each));
  check(PENDING[kind], pending, `${kind} resources with PENDING status`);
}

/** The dataset group that a resource is of. */
export function groupOf(world: World, resource: Known): string | undefined {
  if ('datasetGroupArn' in resource) return resource.datasetGroupArn;
  if (resource.kind === 'campaign') return solutionOf(world, resource)?.datasetGroupArn;
  return resource.kind === 'dataset-import-job'
    ? world.resources.of('dataset', resource.datasetArn)?.datasetGroupArn
    : undefined;
}

/** The solution whose version a campaign serves, or is about to. */
export function solutionOf(
  { resources }: World,
  campaign: ResourceOf<'campaign'>,
): ResourceOf<'solution'> | undefined {
  const { solutionVersionArn } = campaign.update ?? campaign;
  return resources.of('solution', solutionVersionArn.slice(0, solutionVersionArn.lastIndexOf('/')));
}
