import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import document from '../../docs/openapi.json' with { type: 'json' };
import type { Route } from '../../lib/http/route.ts';
import { Problem } from '../../lib/problem.ts';
import { ofType, readTemplate, referenced } from '../support/template.ts';

const areas = join(import.meta.dirname, '..', '..', 'functions', 'api');
const deployed = ofType(readTemplate(inject('packaged')), 'AWS::ApiGatewayV2::Route').map(
  ([, { Properties }]) => ({
    route: String(Properties.RouteKey),
    area: referenced(Properties.Target)?.replace('HttpApiIntegration', '').toLowerCase(),
    signedIn: Properties.AuthorizationType === 'JWT',
  }),
);

test('serverless.yml leads each route to the area that answers it, behind the authorizer it expects', async () => {
  const answered: typeof deployed = [];
  for (const area of readdirSync(areas)) {
    const { routes }: { routes: Route[] } = await import(join(areas, area, 'index.ts'));
    for (const { method, path, spec } of routes) {
      answered.push({ route: `${method} ${path}`, area, signedIn: spec.admits === 'signed-in' });
    }
  }
  expect(byRoute(deployed)).toEqual(byRoute(answered));
});

test('docs/openapi.json is what npm run openapi makes of the routes', async () => {
  const { openApiText } = await import('../../build/openapi.ts');
  const written = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'openapi.json'), 'utf8');
  expect(written).toBe(openApiText());
});

test.each([
  ['fields that cannot be used', { errors: [{ pointer: '/a', detail: 'b' }] }],
  ['parts that are missing', { members: { missing: [1, 2] } }],
  ['a quota that is used up', { members: { used: 1, quota: 2, asked: 3 } }],
])('a problem of %s is as the OpenAPI document says', async (_what, extra) => {
  const { problem } = await import('../../build/openapi.ts');
  const { problemAnswer } = await import('../../lib/http/problem-json.ts');
  const { body } = problemAnswer(new Problem(422, 'a-code', 'a detail', extra), '/photos');
  expect(problem.parse(body)).toEqual(body);
});

test('the OpenAPI document describes the deployed routes and no others', () => {
  const paths: Record<string, object> = (document as { paths?: Record<string, object> }).paths ?? {};
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(deployed.map(({ route }) => route).sort());
});

function byRoute(routes: typeof deployed) {
  return routes.toSorted((a, b) => a.route.localeCompare(b.route));
}
