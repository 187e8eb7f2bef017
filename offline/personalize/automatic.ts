import type { Timer } from '../clock.ts';
import type { Jobs } from './jobs.ts';
import type { ResourceOf } from './resources.ts';
import type { World } from './world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** API Reference, AutoTrainingConfig: unless a solution says otherwise. */
const DEFAULT_DAYS = 7;

/** Trains what is to be trained by itself: looks every hour for solutions whose time has come and that have new data. */
export class AutomaticTraining {
  readonly #world: World;
  readonly #jobs: Jobs;
  #timer: Timer;

  constructor(world: World, jobs: Jobs) {
    this.#world = world;
    this.#jobs = jobs;
    this.#timer = this.#next();
  }

  close(): void {
    this.#timer.cancel();
  }

  #next(): Timer {
    return this.#world.context.clock.setTimeout(() => {
      this.#timer = this.#next();
      for (const solution of this.#world.resources.all('solution')) {
        if (this.#isDue(solution)) {
          const { name } = solution;
          this.#jobs.train(solution, { name, trainingMode: 'FULL', trainingType: 'AUTOMATIC' });
        }
      }
    }, HOUR);
  }

  #isDue(solution: ResourceOf<'solution'>): boolean {
    const { resources, now } = this.#world;
    if (!solution.performAutoTraining || !resources.isActive(solution)) return false;
    const expression = solution.solutionConfig?.autoTrainingConfig?.schedulingExpression ?? '';
    const days = Number(/^rate\((\d+)/.exec(expression)?.[1] ?? DEFAULT_DAYS);
    const last = this.#world.versionsOf(solution.arn)[0]?.createdAt ?? 0;
    return now - last >= days * DAY && this.#hasNewData(solution, last);
  }

  #hasNewData({ datasetGroupArn }: ResourceOf<'solution'>, since: number): boolean {
    const imported = this.#world.resources
      .all('dataset-import-job')
      .some(({ outcome }) => outcome && !outcome.failureReason && outcome.at > since);
    if (imported) return true;
    for (const { at, bulk } of this.#world.dataOf(datasetGroupArn).histories.all()) {
      if (!bulk && at > since) return true;
    }
    return false;
  }
}
