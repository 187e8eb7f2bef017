import { runDeletion } from './deletions.ts';
import { JobFailed } from './errors.ts';
import { runImport } from './imports.ts';
import { checkQuota } from './quotas.ts';
import type { Known, ResourceOf } from './resources.ts';
import { runTraining } from './training.ts';
import type { World } from './world.ts';

type Job = ResourceOf<'dataset-import-job' | 'data-deletion-job' | 'solution-version'>;

/** The work that resources take: it begins at once, one after the other, and again after a kill. */
export class Jobs {
  readonly #world: World;
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** Goes on with what a stop or kill left undone. */
  goOn(): void {
    const { resources } = this.#world;
    const undone = (['dataset-import-job', 'data-deletion-job', 'solution-version'] as const)
      .flatMap((kind): Job[] => resources.all(kind))
      .filter(({ outcome }) => !outcome)
      .sort((one, other) => one.createdAt - other.createdAt);
    for (const job of undone) this.start(job);
  }

  start(job: Job): void {
    this.#last = this.#world.jobs.during(this.#last.then(() => this.#run(job)));
  }

  /**
   * Makes a version of a solution and trains it.
   * @throws ServiceError LimitExceededException
   */
  train(
    solution: ResourceOf<'solution'>,
    { name, ...mode }: Pick<ResourceOf<'solution-version'>, 'name' | 'trainingMode' | 'trainingType'>,
  ): ResourceOf<'solution-version'> {
    const { resources, context, now } = this.#world;
    checkQuota(this.#world, 'solution-version', solution.datasetGroupArn);
    const { datasetGroupArn, recipeArn, eventType, solutionConfig, performHPO, performAutoML } = solution;
    let arn: string;
    do arn = `${solution.arn}/${context.random.hex(8)}`;
    while (resources.find(arn));
    const version: ResourceOf<'solution-version'> = {
      ...{ kind: 'solution-version', arn, name, createdAt: now, updatedAt: now },
      ...{ solutionArn: solution.arn, datasetGroupArn, recipeArn, performHPO, performAutoML, ...mode },
      ...(eventType !== undefined && { eventType }),
      ...(solutionConfig && { solutionConfig }),
    };
    resources.put(version);
    this.start(version);
    return version;
  }

  close(): void {
    this.#closed = true;
  }

  async #run(job: Job): Promise<void> {
    if (this.#closed) return;
    try {
      this.#end(job, await this.#done(job));
    } catch (error) {
      // What the stop of the stack ends begins anew with the next start.
      if (this.#closed) return;
      if (!(error instanceof JobFailed)) this.#world.context.log(`${job.arn} failed: ${String(error)}`);
      this.#end(job, {}, error instanceof Error ? error.message : String(error));
    }
  }

  async #done(job: Job): Promise<object> {
    switch (job.kind) {
      case 'dataset-import-job':
        await runImport(this.#world, job);
        return {};
      case 'data-deletion-job':
        return { numDeleted: await runDeletion(this.#world, job) };
      case 'solution-version': {
        const metrics = await runTraining(this.#world, job);
        return { metrics, trainingHours: (this.#world.now - job.createdAt) / 3_600_000 };
      }
    }
  }

  #end(job: Job, results: object, failureReason?: string): void {
    const { resources, now } = this.#world;
    const outcome = { at: now, ...(failureReason !== undefined && { failureReason }) };
    resources.change(job as Known, { ...results, outcome });
  }
}
