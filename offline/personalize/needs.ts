import type { Call, Need } from '../contract.ts';
import { NOUNS } from './nouns.ts';
import type { World } from './world.ts';

const RUNTIME = ['GetRecommendations', 'GetPersonalizedRanking', 'GetActionRecommendations'];
const EVENTS = ['PutItems', 'PutUsers'];

/** What Create operations need besides the resource that they make, by the member that names it. */
const PARENTS = ['datasetGroupArn', 'datasetArn', 'solutionVersionArn'];

/** Service Authorization Reference, "Actions defined by Amazon Personalize": what each is judged on. */
export function needsOf(world: World, { operation, input }: Call): Need[] {
  const on = (...resources: unknown[]) =>
    resources.map((resource) => ({ action: `personalize:${operation}`, resource: String(resource ?? '*') }));
  if (RUNTIME.includes(operation)) {
    const promotions = Array.isArray(input.promotions) ? (input.promotions as Record<string, unknown>[]) : [];
    const filters = [input.filterArn, ...promotions.map((each) => each?.filterArn)];
    const used = [...new Set(filters.filter((each) => each !== undefined))];
    return on(input.campaignArn ?? input.recommenderArn, ...used);
  }
  if (EVENTS.includes(operation)) return on(input.datasetArn);
  if (operation.startsWith('List') || operation === 'PutEvents') return on('*');
  if (operation.startsWith('Create'))
    return [...on(...createdBy(world, operation, input)), ...passing(input)];
  return [...on(namedBy(operation, input)), ...passing(input)];
}

function createdBy(world: World, operation: string, input: Call['input']): unknown[] {
  const noun = [...NOUNS.values()].find(({ singular }) => operation === `Create${singular}`);
  if (!noun || noun.kind === 'solution-version') return [input.solutionArn];
  const parents = PARENTS.flatMap((member) => input[member] ?? []);
  if (noun.kind === 'dataset') return [datasetOf(input), input.datasetGroupArn];
  if (noun.kind === 'event-tracker') return [world.arn('event-tracker/*'), ...parents];
  return [world.arn(`${noun.kind}/${input.name ?? input.jobName}`), ...parents];
}

function datasetOf({ datasetGroupArn, datasetType }: Call['input']): string {
  const group = String(datasetGroupArn).replace(':dataset-group/', ':dataset/');
  return `${group}/${String(datasetType).toUpperCase()}`;
}

/** What Describe, Update and Delete are about, whatever else they name. */
function namedBy(operation: string, input: Call['input']): unknown {
  if (operation === 'GetSolutionMetrics') return input.solutionVersionArn;
  if (operation === 'DescribeRecipe') return input.recipeArn;
  const noun = [...NOUNS.values()].find(({ singular }) =>
    ['Describe', 'Update', 'Delete'].some((verb) => operation === verb + singular),
  );
  return noun && input[noun.arnMember];
}

/** A role that Personalize is to act in has to be passed on to it. */
function passing({ roleArn, metricsOutputConfig }: Call['input']): Need[] {
  const role = roleArn ?? (metricsOutputConfig as Record<string, unknown> | undefined)?.roleArn;
  return typeof role === 'string' ? [{ action: 'iam:PassRole', resource: role }] : [];
}
