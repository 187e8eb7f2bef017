import { scheduleHandler } from '../../lib/events/schedule.ts';
import { trainModel } from '../../lib/serving/train.ts';

/** By schedule: the built-in model learns from what has come in since. */
export const handler = scheduleHandler('train-model', () => trainModel());
