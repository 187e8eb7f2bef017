import * as z from 'zod';
import type { Operations } from './datasets.ts';
import { inUse } from './errors.ts';
import { arn, read } from './input.ts';
import { NOUNS, type Noun } from './nouns.ts';
import { groupOf, solutionOf } from './quotas.ts';
import type { Register } from './register.ts';
import type { Known, ResourceOf } from './resources.ts';
import type { World } from './world.ts';

/** The Delete operations: of what nothing else needs. */
export function removalOperations(world: World, register: Register): Operations {
  const { resources } = world;
  const deletable = [...NOUNS.values()].filter(({ isDeletable }) => isDeletable);
  return Object.fromEntries(
    deletable.map((noun) => [`Delete${noun.singular}`, (input) => remove(noun, input)]),
  );

  function remove({ kind, singular, arnMember, hasStatus }: Noun, input: Parameters<Operations[string]>[0]) {
    const { [arnMember]: asked } = read(z.object({ [arnMember]: arn }), input);
    const resource = hasStatus ? settled(String(asked)) : register.known(kind, String(asked));
    const user = userOf(resource);
    if (user) throw inUse(`${singular} ${resource.arn} is in use by ${user.arn}.`);
    if (resource.kind === 'dataset') world.dataOf(resource.datasetGroupArn).drop(resource.datasetType);
    if (resource.kind === 'dataset-group') world.removeData(resource.arn);
    if (resource.kind === 'solution') for (const version of world.versionsOf(resource.arn)) forget(version);
    if (hasStatus) resources.change(resource, { deletingAt: world.now });
    else resources.remove(resource.arn);
    return {};

    function settled(own: string): Known {
      const found = register.known(kind, own);
      const status = resources.statusOf(found);
      if (status === 'ACTIVE' || status === 'CREATE FAILED') return found;
      throw inUse(`${singular} must be ACTIVE or CREATE FAILED, it is ${status}: ${own}`);
    }
  }

  /** Versions go with their solution, models and all. */
  function forget(version: ResourceOf<'solution-version'>): void {
    world.models.remove(version.arn);
    resources.change<'solution-version'>(version, { deletingAt: world.now });
  }

  /** Something that couldn't be without the resource. Source: the Delete operations of the API reference. */
  function userOf(resource: Known): Known | undefined {
    switch (resource.kind) {
      case 'dataset-group':
        return (['event-tracker', 'dataset', 'filter', 'solution', 'campaign', 'metric-attribution'] as const)
          .flatMap((kind): Known[] => resources.all(kind))
          .find((each) => groupOf(world, each) === resource.arn);
      case 'schema':
        return resources.all('dataset').find(({ schemaArn }) => schemaArn === resource.arn);
      case 'dataset':
        return (
          resources
            .all('dataset-import-job')
            .find((each) => !each.outcome && each.datasetArn === resource.arn) ??
          resources
            .all('solution-version')
            .find((each) => !each.outcome && each.datasetGroupArn === resource.datasetGroupArn)
        );
      case 'solution':
        return (
          resources.all('campaign').find((each) => solutionOf(world, each)?.arn === resource.arn) ??
          world.versionsOf(resource.arn).find((each) => !each.outcome)
        );
      default:
        return undefined;
    }
  }
}
