import { stepHandler } from '../../lib/events/step.ts';
import { countInteractions, countingInput } from '../../lib/training/count.ts';

/** train-recommender, CountInteractions: is there enough to train with, and is anything to be imported first? */
export const handler = stepHandler('count-interactions', countingInput, (input) => countInteractions(input));
