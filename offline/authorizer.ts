import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The part of serverless-offline's Hapi server that is used here. */
interface HapiServer {
  ext(
    event: 'onRequest',
    method: (
      request: { readonly raw: { readonly req: IncomingMessage; readonly res: ServerResponse } },
      toolkit: { readonly abandon: symbol },
    ) => unknown,
  ): void;
  readonly listener: Server;
}

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

let handle: Handle | undefined;
let served: HapiServer | undefined;

/** Who answers the requests that serverless-offline receives. To be set before it starts. */
export function answerWith(front: Handle): void {
  handle = front;
}

/** The port that serverless-offline listens on; undefined where it has no routes. */
export function servedPort(): number | undefined {
  return (served?.listener.address() as AddressInfo | null | undefined)?.port;
}

/** Cuts every connection of serverless-offline, so that it stops without waiting for idle clients. */
export function cutConnections(): void {
  served?.listener.closeAllConnections();
}

/**
 * serverless-offline asks this for an authentication scheme, once for each route, and shows it the server
 * before that listens. Here every request is taken off the server at its arrival: whether its token is good,
 * which route it is for and what event it becomes is decided as API Gateway decides it, by the HTTP front.
 */
function provider(_endpoint: unknown, functionKey: string, method: string, path: string) {
  const name = `${functionKey} ${method} ${path}`;
  return {
    name,
    scheme: name,
    getAuthenticateFunction: (server: HapiServer) => {
      if (served !== server) takeRequests(server);
      return { authenticate: () => Promise.reject(new Error(`${name} was not taken by the HTTP front.`)) };
    },
  };
}

function takeRequests(server: HapiServer): void {
  served = server;
  server.ext('onRequest', ({ raw }, { abandon }) => {
    if (!handle) throw new Error('The HTTP front has not started.');
    void handle(raw.req, raw.res);
    return abandon;
  });
}

export { provider as 'module.exports' };
