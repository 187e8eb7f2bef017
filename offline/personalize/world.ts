import { Activity } from '../activity.ts';
import type { Context } from '../contract.ts';
import { GroupData } from './data.ts';
import { Models } from './models.ts';
import type { DatasetType, ResourceOf } from './resources.ts';
import { parseSchema, type Schema } from './schema.ts';
import { Shown } from './shown.ts';
import { Resources } from './store.ts';

/** What all parts of Personalize work on. */
export class World {
  readonly context: Context;
  readonly resources: Resources;
  readonly models: Models;
  readonly shown: Shown;
  /** The jobs under way. */
  readonly jobs = new Activity();
  readonly #data = new Map<string, GroupData>();

  constructor(context: Context) {
    const { stateDir, clock } = context;
    this.context = context;
    this.resources = new Resources(stateDir, clock);
    this.models = new Models(stateDir);
    this.shown = new Shown(stateDir, clock);
  }

  get now(): number {
    return this.context.clock.now();
  }

  /** An ARN of this account. */
  arn(resource: string): string {
    const { region, account } = this.context;
    return `arn:aws:personalize:${region}:${account}:${resource}`;
  }

  /** The data of a dataset group. */
  dataOf(groupArn: string): GroupData {
    const known = this.#data.get(groupArn);
    if (known) return known;
    const data = new GroupData(this.context.stateDir, groupArn.slice(groupArn.lastIndexOf('/') + 1));
    this.#data.set(groupArn, data);
    return data;
  }

  /** Forgets the data of a dataset group. */
  removeData(groupArn: string): void {
    this.dataOf(groupArn).remove();
    this.#data.delete(groupArn);
  }

  datasetOf(groupArn: string, type: DatasetType): ResourceOf<'dataset'> | undefined {
    return this.resources
      .all('dataset')
      .find(({ datasetGroupArn, datasetType }) => datasetGroupArn === groupArn && datasetType === type);
  }

  /** What the dataset's schema says; undefined where the group has no such dataset. */
  schemaOf(groupArn: string, type: DatasetType): Schema | undefined {
    const dataset = this.datasetOf(groupArn, type);
    const schema = dataset && this.resources.of('schema', dataset.schemaArn);
    return schema && parseSchema(schema.schema);
  }

  /** The versions of a solution, the newest first. */
  versionsOf(solutionArn: string): ResourceOf<'solution-version'>[] {
    return this.resources
      .all('solution-version')
      .filter((version) => version.solutionArn === solutionArn)
      .toSorted((one, other) => other.createdAt - one.createdAt);
  }

  async close(): Promise<void> {
    await this.models.close();
    await this.jobs.idle();
    for (const data of this.#data.values()) data.close();
    this.shown.close();
    this.resources.close();
  }
}
