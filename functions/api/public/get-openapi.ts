import * as z from 'zod';
import document from '../../../docs/openapi.json' with { type: 'json' };
import { ok } from '../../../lib/http/answer.ts';
import { route } from '../../../lib/http/route.ts';

export const getOpenapiRoute = route(
  {
    route: 'GET /openapi.json',
    summary: 'This API as an OpenAPI 3.1 document',
    admits: 'public',
    answers: { 200: z.record(z.string(), z.unknown()) },
  },
  async () => ok(document, { 'cache-control': 'public, max-age=300' }),
);
