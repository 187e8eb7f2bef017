import httpRouter from '@middy/http-router';
import type { Route } from './route.ts';

/** The handler of one Lambda: the routes of one area. API Gateway sends it nothing else. */
export function area(routes: readonly Route[]) {
  return httpRouter({
    routes: routes.map(({ method, path, handler }) => ({
      method: method as 'GET',
      path,
      handler: handler as never,
    })),
  });
}
