import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { jsonBody } from '../../../lib/http/body.ts';
import { route } from '../../../lib/http/route.ts';
import { notFound } from '../../../lib/problem.ts';
import { aCaller, anApiEvent, aSignedInEvent } from '../../support/api-events.ts';

const steps: string[] = [];

const putThing = route(
  {
    route: 'PUT /things/{thingId}',
    summary: 'A thing',
    admits: 'signed-in',
    path: z.object({ thingId: z.string().regex(/^\d+$/) }),
    see: async (caller, { thingId }) => {
      steps.push('see');
      if (thingId === '404') throw notFound('thing');
      return { thingId, by: caller.userId };
    },
    query: z.object({ limit: z.coerce.number().max(10).optional() }),
    body: jsonBody(z.strictObject({ text: z.string() })),
    answers: { 200: z.unknown() },
  },
  async ({ seen, body }) => {
    if (body.text === 'boom') throw new Error('the password is hunter2');
    return { seen, body };
  },
);

const call = (changes: Parameters<typeof anApiEvent>[0] = {}) =>
  putThing.handler(
    aSignedInEvent({
      routeKey: putThing.spec.route,
      pathParameters: { thingId: '1' },
      headers: { 'content-type': 'application/json' },
      body: '{"text":"hello"}',
      ...changes,
    }),
    {},
  );

const parsed = async (answer: ReturnType<typeof call>) => {
  const { statusCode, headers, body } = await answer;
  return { status: statusCode, contentType: headers?.['content-type'], ...JSON.parse(body ?? '{}') };
};

describe('a route', () => {
  it('hands the function what it has checked', async () => {
    expect(await parsed(call())).toMatchObject({
      status: 200,
      seen: { thingId: '1', by: aCaller.userId },
      body: { text: 'hello' },
    });
  });

  it('answers 401 before it looks at anything else', async () => {
    steps.length = 0;
    const answer = putThing.handler(anApiEvent({ pathParameters: { thingId: '404' }, body: 'x' }), {});
    expect(await parsed(answer)).toMatchObject({ status: 401, code: 'unauthorized' });
    expect(steps).toEqual([]);
  });

  it('refuses an ID token that the authorizer let pass', async () => {
    const answer = putThing.handler(aSignedInEvent({}, { token_use: 'id', aud: aCaller.clientId }), {});
    expect(await parsed(answer)).toMatchObject({ status: 401 });
  });

  it('answers 404 for what the caller may not see before it judges the body', async () => {
    const answer = call({ pathParameters: { thingId: '404' }, body: '{' });
    expect(await parsed(answer)).toMatchObject({ status: 404, code: 'not-found' });
  });

  it.each([
    ['a malformed id', { pathParameters: { thingId: 'x' } }, 404, 'not-found'],
    ['what is not JSON', { body: '{' }, 400, 'unparsable'],
    ['another media type', { headers: { 'content-type': 'text/xml' } }, 415, 'unsupported-media-type'],
    ['no media type', { headers: {} }, 415, 'unsupported-media-type'],
    ['unknown fields', { body: '{"text":"x","admin":true}' }, 422, 'invalid-request'],
    ['a query over its limit', { queryStringParameters: { limit: '11' } }, 422, 'invalid-request'],
  ])('answers %s with a problem', async (_what, changes, status, code) => {
    expect(await parsed(call(changes))).toMatchObject({
      status,
      code,
      contentType: 'application/problem+json',
    });
  });

  it('says nothing of the inside when something unexpected is thrown', async () => {
    const answer = await call({ body: '{"text":"boom"}' });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('hunter2');
    expect(JSON.parse(answer.body ?? '')).toMatchObject({ code: 'internal' });
  });

  it('gives the correlation id back, and a new one for a hostile one', async () => {
    const json = { 'content-type': 'application/json' };
    const given = await call({ headers: { ...json, 'x-correlation-id': 'my-request-1' } });
    const hostile = await call({ headers: { ...json, 'x-correlation-id': '"}\n{"level":"ERROR"' } });
    expect(given.headers?.['x-correlation-id']).toBe('my-request-1');
    expect(hostile.headers?.['x-correlation-id']).toMatch(/^[0-9A-Z]{26}$/);
  });

  it('keeps no answer of a POST that changes nothing, whatever Idempotency-Key comes with it', async () => {
    const rank = route(
      {
        route: 'POST /rank',
        summary: 'Ranks',
        admits: 'signed-in',
        isRead: true,
        answers: { 200: z.unknown() },
      },
      async () => ({ items: [] }),
    );
    const headers = { 'idempotency-key': 'a-key' };
    // A kept answer would go to the table, which no unit test can reach.
    const { statusCode } = await rank.handler(aSignedInEvent({ routeKey: 'POST /rank', headers }), {});
    expect(statusCode).toBe(200);
  });
});
