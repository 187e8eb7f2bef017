import * as z from 'zod';
import { ok } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';
import { filterDescriptions } from '../../../lib/images/filters/chain.ts';

const filterView = z
  .object({
    name: z.string(),
    kind: z.enum(['filter', 'look']),
    description: z.string(),
    schema: z
      .record(z.string(), z.unknown())
      .meta({ description: 'JSON Schema of `params`, with every default.' }),
  })
  .meta({ id: 'Filter' });

export const listFiltersRoute = route(
  {
    route: 'GET /filters',
    summary: 'Every filter and look, with the schema of its parameters',
    admits: 'public',
    answers: { 200: z.object({ items: z.array(filterView) }) },
  },
  async () => ok({ items: filterDescriptions }, { 'cache-control': 'public, max-age=3600' }),
);
