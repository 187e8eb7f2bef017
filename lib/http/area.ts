import httpRouter from '@middy/http-router';
import { newId } from '../ids.ts';
import { notFound } from '../problem.ts';
import { toResult } from './answer.ts';
import { problemAnswer } from './problem-json.ts';
import type { Route } from './route.ts';

/** The handler of one Lambda: the routes of one area. */
export function area(routes: readonly Route[]) {
  return httpRouter({
    routes: routes.map(({ method, path, handler }) => ({
      method: method as 'GET',
      path,
      handler: handler as never,
    })),
    // API Gateway sends nothing else, but matches a path before it decodes it: an encoded slash makes it another.
    notFoundResponse: (({ path }: { path: string }) =>
      toResult(problemAnswer(notFound('resource'), path), newId())) as never,
  });
}
