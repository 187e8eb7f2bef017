import { parentPort, workerData } from 'node:worker_threads';
import { serialize } from '../../lib/recommendations/artefact.ts';
import type { Choice } from '../../lib/recommendations/choose.ts';
import type { Model } from '../../lib/recommendations/model.ts';
import { train } from '../../lib/recommendations/train.ts';
import type { Lessons } from './lessons.ts';
import { examinationOf, metricsOf } from './measure.ts';

/** What a training is given. */
export interface Training extends Lessons {
  /** The recipe's short name. */
  readonly recipe: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What it comes to. */
export interface Trained {
  readonly artefact: Uint8Array;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Trains twice: without what is held out, to measure and to choose by, and with it, by the same choice, to serve. */
function trained({ interactions, items, recipe, now }: Training): Trained {
  const examination = examinationOf(interactions);
  const measured = train(examination.rest, items, { now });
  const model = train(interactions, items, { now, choice: choiceOf(measured) });
  return { artefact: serialize(model), metrics: metricsOf(recipe, measured, examination) };
}

function choiceOf({ recipes, easePenalty, factors }: Model): Choice {
  return { recipes, easePenalty, factors: factors.options };
}

parentPort?.postMessage(trained(workerData as Training));
