import * as z from 'zod';
import { route } from '../../../lib/http/route.ts';

export const getHealthRoute = route(
  {
    route: 'GET /health',
    summary: 'Whether the API answers',
    admits: 'public',
    answers: { 200: z.object({ status: z.literal('ok') }) },
  },
  async () => ({ status: 'ok' }),
);
