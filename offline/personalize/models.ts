import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { load } from '../../lib/recommendations/artefact.ts';
import type { Model } from '../../lib/recommendations/model.ts';
import { JobFailed } from './errors.ts';
import type { Trained, Training } from './train-worker.ts';

/** As with the workers of functions: the compile cache before the first `.ts` file. */
const entry =
  "require('node:module').enableCompileCache();" +
  `import(${JSON.stringify(import.meta.resolve('./train-worker.ts'))});`;

/** Trained models as files of the state folder, and the workers that train them. */
export class Models {
  readonly #folder: string;
  readonly #loaded = new Map<string, Model>();
  readonly #workers = new Set<Worker>();

  constructor(stateDir: string) {
    this.#folder = join(stateDir, 'personalize', 'models');
  }

  /**
   * Trains in a thread of its own, so that calls are answered meanwhile, and stores the model under the ARN.
   * @returns how it does on what was held out
   * @throws JobFailed where the thread doesn't come to an end
   */
  async train(arn: string, training: Training): Promise<Trained['metrics']> {
    const { artefact, metrics } = await this.#run(training);
    const file = this.#fileOf(arn);
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(`${file}.next`, artefact);
    renameSync(`${file}.next`, file);
    return metrics;
  }

  /** @throws Error where no such model was stored */
  modelOf(arn: string): Model {
    const known = this.#loaded.get(arn);
    if (known) return known;
    const model = load(readFileSync(this.#fileOf(arn)));
    this.#loaded.set(arn, model);
    return model;
  }

  remove(arn: string): void {
    this.#loaded.delete(arn);
    rmSync(this.#fileOf(arn), { force: true });
  }

  /** Ends the trainings under way. */
  async close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
  }

  #run(training: Training): Promise<Trained> {
    const worker = new Worker(entry, { eval: true, workerData: training, execArgv: [] });
    this.#workers.add(worker);
    return new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => {
        this.#workers.delete(worker);
        reject(new JobFailed('The training ended before it was done.'));
      });
    });
  }

  #fileOf(arn: string): string {
    const [, , name = '', version = ''] =
      (arn.split(':').at(-1) as string).match(/^(solution)\/([^/]+)\/(.+)$/) ?? [];
    return join(this.#folder, `${name}-${version}.model`);
  }
}
