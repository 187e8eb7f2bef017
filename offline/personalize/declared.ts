import type { Resource, Stack } from '../contract.ts';
import * as inputs from './control-input.ts';
import { lowered } from './members.ts';
import type { Kind, Known } from './resources.ts';
import { parseSchema } from './schema.ts';
import { trackingIdOf } from './tracking-id.ts';
import type { World } from './world.ts';

/** How each type of the template becomes a resource: what the API's Create takes, in the template's capitals. */
const TYPES: Readonly<Record<string, { kind: Kind; read: (properties: object) => object }>> = {
  'AWS::Personalize::DatasetGroup': {
    kind: 'dataset-group',
    read: (given) => inputs.createDatasetGroup.parse(given),
  },
  'AWS::Personalize::Schema': {
    kind: 'schema',
    read(given) {
      const schema = inputs.createSchema.parse(given);
      parseSchema(schema.schema);
      return schema;
    },
  },
  'AWS::Personalize::Dataset': { kind: 'dataset', read: (given) => inputs.createDataset.parse(given) },
  'AWS::Personalize::EventTracker': {
    kind: 'event-tracker',
    read: (given) => inputs.createEventTracker.parse(given),
  },
  'AWS::Personalize::Solution': { kind: 'solution', read: (given) => inputs.createSolution.parse(given) },
  'AWS::Personalize::MetricAttribution': {
    kind: 'metric-attribution',
    read: (given) => inputs.createMetricAttribution.parse(given),
  },
};

/**
 * Puts in place what the template declares, and lets go of what it no longer does.
 * @throws Error naming the resource that Personalize would refuse
 */
export function provision(world: World, stack: Stack): void {
  const { resources } = world;
  const declared = stack.resources.flatMap((resource) => resourceOf(world, resource) ?? []);
  for (const kind of new Set(Object.values(TYPES).map((type) => type.kind))) {
    for (const known of resources.all(kind)) {
      if (known.declared && !declared.some(({ arn }) => arn === known.arn)) resources.remove(known.arn);
    }
  }
  for (const resource of declared) {
    const known = resources.find(resource.arn);
    const since = known ? { createdAt: known.createdAt, updatedAt: known.updatedAt } : {};
    resources.put({ ...resource, ...since } as Known);
  }
}

function resourceOf(world: World, resource: Resource): Known | undefined {
  const type = TYPES[resource.type];
  if (!type) return undefined;
  const { now, context } = world;
  const { arn, name, logicalId } = resource;
  try {
    const details = type.read({ ...(lowered(resource.properties) as object), name });
    const common = { kind: type.kind, arn, name, createdAt: now, updatedAt: now, declared: true };
    const tracker = type.kind === 'event-tracker' && {
      trackingId: trackingIdOf(arn),
      accountId: context.account,
    };
    return { ...common, ...JSON.parse(JSON.stringify(details)), ...tracker } as Known;
  } catch (error) {
    throw new Error(`Personalize, ${logicalId}: ${error instanceof Error ? error.message : error}`);
  }
}
