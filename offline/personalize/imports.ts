import { recordsOf } from './csv.ts';
import type { Imported } from './data.ts';
import { JobFailed } from './errors.ts';
import { filesAt } from './files.ts';
import type { Interaction } from './histories.ts';
import { groupOf } from './quotas.ts';
import type { ResourceOf } from './resources.ts';
import { type Column, type Row, type Schema, type Value, valueIn } from './schema.ts';
import type { World } from './world.ts';

/** Developer Guide, "Service quotas": interactions of an import at least. */
const LEAST_INTERACTIONS = 1_000;

/**
 * Reads the files of an import and takes them in, all or none.
 * @throws JobFailed naming what is wrong with which file
 */
export async function runImport(world: World, job: ResourceOf<'dataset-import-job'>): Promise<void> {
  const groupArn = groupOf(world, job);
  const dataset = world.resources.of('dataset', job.datasetArn);
  const schema = dataset && world.schemaOf(dataset.datasetGroupArn, dataset.datasetType);
  if (!groupArn || !schema) throw new JobFailed('The dataset is no longer there.');
  const rows: Row[] = [];
  for await (const { key, text } of filesAt(
    world.context,
    job.dataSource.dataLocation,
    job.roleArn,
    job.arn,
  )) {
    for (const row of rowsOf(text, key, schema)) rows.push(row);
  }
  world.dataOf(groupArn).import(job.arn, job.importMode, importedAs(schema, rows));
}

function importedAs({ datasetType }: Schema, rows: readonly Row[]): Imported {
  if (datasetType !== 'Interactions') return { datasetType, rows };
  if (rows.length < LEAST_INTERACTIONS) {
    throw new JobFailed(
      `Expected at least ${LEAST_INTERACTIONS} records of interactions in an import, got ${rows.length}.`,
    );
  }
  return { datasetType, interactions: rows.map(interactionOf) };
}

function* rowsOf(text: string, key: string, { columns }: Schema): Generator<Row> {
  const records = recordsOf(text);
  const header: readonly string[] = records.next().value ?? [];
  const missing = columns.filter(({ name }) => !header.includes(name)).map(({ name }) => name);
  if (missing.length > 0) {
    throw new JobFailed(`Input CSV is missing the following columns: [${missing.join(', ')}] (${key})`);
  }
  const placed = header.map((name) => columns.find((column) => column.name === name));
  const unknown = header.filter((_, at) => !placed[at]);
  if (unknown.length > 0) {
    throw new JobFailed(`Input CSV has columns that the schema has not: [${unknown.join(', ')}] (${key})`);
  }
  let line = 1;
  for (const record of records) {
    line += 1;
    if (record.length !== header.length) {
      throw nonconforming(key, line, `expected ${header.length} fields, got ${record.length}`);
    }
    const row: Record<string, Value> = {};
    for (const [at, column] of placed.entries()) {
      const { name } = column as Column;
      const value = valueIn(record[at] as string, column as Column);
      if (value === undefined) throw nonconforming(key, line, `${JSON.stringify(record[at])} as ${name}`);
      row[name] = value;
    }
    yield row;
  }
}

function nonconforming(key: string, line: number, what: string): JobFailed {
  return new JobFailed(
    `Input csv has rows that do not conform to the dataset schema: record ${line} of ${key}, ${what}.`,
  );
}

/** TIMESTAMP is in seconds; IMPRESSION has ids with `|` between them. */
function interactionOf(row: Row): Interaction {
  const { EVENT_TYPE: type, EVENT_VALUE: value, IMPRESSION: impression } = row;
  const { EVENT_ATTRIBUTION_SOURCE: source } = row;
  return {
    ...{ user: String(row.USER_ID), item: String(row.ITEM_ID), bulk: true },
    type: typeof type === 'string' ? type : 'view',
    at: Number(row.TIMESTAMP) * 1_000,
    ...(typeof value === 'number' && { value }),
    ...(typeof impression === 'string' && impression !== '' && { impression: impression.split('|') }),
    ...(typeof source === 'string' && { source }),
  };
}
