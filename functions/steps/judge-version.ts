import * as z from 'zod';
import { stepHandler } from '../../lib/events/step.ts';
import { judge } from '../../lib/training/judge.ts';

const metrics = z.record(z.string(), z.number());
const input = z.object({
  candidate: metrics,
  popularity: metrics,
  deployed: z.object({ metrics: metrics.optional() }),
  correlationId: z.string(),
});

/** train-recommender, Judge: may the version that was trained be deployed? */
export const handler = stepHandler('judge-version', input, async ({ candidate, popularity, deployed }) =>
  judge({ candidate, popularity, deployed: deployed.metrics }),
);
