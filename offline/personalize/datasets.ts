import type { Call } from '../contract.ts';
import { unusedId } from '../unused-id.ts';
import * as inputs from './control-input.ts';
import { alreadyExists, inUse, invalid } from './errors.ts';
import { checkFields, checkGroup, parseFilter } from './filter/filter.ts';
import { fieldSchemasOf, refusedAsInvalid } from './filtering.ts';
import { read } from './input.ts';
import type { Jobs } from './jobs.ts';
import { groupOf } from './quotas.ts';
import { given, type Register, told } from './register.ts';
import { parseSchema } from './schema.ts';
import type { World } from './world.ts';

export type Operations = Readonly<Record<string, (input: Call['input']) => Record<string, unknown>>>;

/** What makes dataset groups and what they hold, and brings data in and out. */
export function datasetOperations(world: World, register: Register, jobs: Jobs): Operations {
  return {
    CreateDatasetGroup(input) {
      const { name, ...details } = read(inputs.createDatasetGroup, input);
      return told(register.put('dataset-group', `dataset-group/${name}`, name, given(details)));
    },

    CreateSchema(input) {
      const { name, ...details } = read(inputs.createSchema, input);
      parseSchema(details.schema);
      return told(register.put('schema', `schema/${name}`, name, given(details)));
    },

    CreateDataset(input) {
      const { name, ...details } = read(inputs.createDataset, input);
      const { schemaArn, datasetType } = details;
      const group = register.active('dataset-group', details.datasetGroupArn);
      const own = parseSchema(register.known('schema', schemaArn).schema).datasetType;
      if (own !== datasetType) throw invalid(`Expected a schema for ${datasetType}, got one for ${own}.`);
      const path = `dataset/${group.name}/${datasetType.toUpperCase()}`;
      return told(register.put('dataset', path, name, details));
    },

    CreateDatasetImportJob(input) {
      const { jobName, ...details } = read(inputs.createImportJob, input);
      register.active('dataset', details.datasetArn);
      const job = register.put('dataset-import-job', `dataset-import-job/${jobName}`, jobName, details);
      jobs.start(job);
      return told(job);
    },

    CreateEventTracker(input) {
      const { name, datasetGroupArn } = read(inputs.createEventTracker, input);
      register.active('dataset-group', datasetGroupArn);
      const trackers = world.resources.all('event-tracker');
      const other = trackers.find((each) => each.datasetGroupArn === datasetGroupArn || each.name === name);
      if (other) throw alreadyExists(other.arn);
      const isTaken = (id: string) => trackers.some((each) => each.trackingId === id);
      const trackingId = unusedId(world.context.random, isTaken);
      const details = { datasetGroupArn, trackingId, accountId: world.context.account };
      const path = `event-tracker/${trackingId.slice(0, 8)}`;
      return { ...told(register.put('event-tracker', path, name, details)), trackingId };
    },

    CreateFilter(input) {
      const { name, ...details } = read(inputs.createFilter, input);
      const { datasetGroupArn, filterExpression } = details;
      register.active('dataset-group', datasetGroupArn);
      refusedAsInvalid(() => {
        const filter = parseFilter(filterExpression);
        checkFields(filter, fieldSchemasOf(world, datasetGroupArn));
        const own = world.resources.all('filter').filter((each) => each.datasetGroupArn === datasetGroupArn);
        checkGroup([...own.map((each) => parseFilter(each.filterExpression)), filter]);
      });
      return told(register.put('filter', `filter/${name}`, name, details, datasetGroupArn));
    },

    CreateDataDeletionJob(input) {
      const { jobName, ...details } = read(inputs.createDataDeletionJob, input);
      const { datasetGroupArn } = details;
      register.active('dataset-group', datasetGroupArn);
      const importing = world.resources
        .all('dataset-import-job')
        .find((each) => !each.outcome && groupOf(world, each) === datasetGroupArn);
      if (importing) throw inUse(`Data is being imported: ${importing.arn}`);
      const path = `data-deletion-job/${jobName}`;
      const job = register.put('data-deletion-job', path, jobName, details, datasetGroupArn);
      jobs.start(job);
      return told(job);
    },
  };
}
