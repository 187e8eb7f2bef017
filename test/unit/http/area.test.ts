import { expect, it } from 'vitest';
import * as z from 'zod';
import { area } from '../../../lib/http/area.ts';
import { route } from '../../../lib/http/route.ts';
import { anApiEvent } from '../../support/api-events.ts';

const things = area([
  route(
    {
      route: 'GET /things/{thingId}',
      summary: 'A thing',
      admits: 'public',
      path: z.object({ thingId: z.string() }),
      answers: { 200: z.unknown() },
    },
    async ({ path }) => path,
  ),
]);

const call = (rawPath: string) => {
  const event = { ...anApiEvent(), rawPath, requestContext: { http: { method: 'GET', path: rawPath } } };
  return things(event as never, {} as never) as Promise<{
    statusCode: number;
    headers: object;
    body: string;
  }>;
};

it('an area answers its routes', async () => {
  expect(await call('/things/1')).toMatchObject({ statusCode: 200, body: '{"thingId":"1"}' });
});

it('a path that API Gateway took for another than it is, as one with an encoded slash, is 404', async () => {
  const { statusCode, headers, body } = await call('/things/1/2');
  expect(statusCode).toBe(404);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
  expect(JSON.parse(body)).toMatchObject({ code: 'not-found', instance: '/things/1/2' });
});
