import { recordsOf } from './csv.ts';
import { JobFailed } from './errors.ts';
import { filesAt } from './files.ts';
import type { ResourceOf } from './resources.ts';
import type { World } from './world.ts';

const ID = 'USER_ID';
/** Developer Guide, "Service quotas": bytes of all files of a deletion. */
const MOST_BYTES = 100_000_000;

/**
 * Forgets the users that the job's files name, and everything they did.
 * @returns how many records went
 * @throws JobFailed naming what is wrong with which file
 */
export async function runDeletion(world: World, job: ResourceOf<'data-deletion-job'>): Promise<number> {
  const users = new Set<string>();
  let bytes = 0;
  for await (const { key, text } of filesAt(
    world.context,
    job.dataSource.dataLocation,
    job.roleArn,
    job.arn,
  )) {
    bytes += Buffer.byteLength(text);
    if (bytes > MOST_BYTES) throw new JobFailed(`Expected at most ${MOST_BYTES} bytes of users to delete.`);
    const records = recordsOf(text);
    const column = records.next().value?.indexOf(ID) ?? -1;
    if (column < 0) throw new JobFailed(`Input CSV is missing the following columns: [${ID}] (${key})`);
    for (const record of records) if (record[column]) users.add(record[column]);
  }
  return world.dataOf(job.datasetGroupArn).forget(users);
}
