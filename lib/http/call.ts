import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** What API Gateway hands in; the authorizer's claims are there on routes that have one. */
export type ApiEvent = APIGatewayProxyEventV2 & {
  readonly requestContext: {
    readonly authorizer?: { readonly jwt?: { readonly claims: Readonly<Record<string, unknown>> } };
  };
};

/** Who calls: the `sub` and `username` of a verified access token. */
export interface Caller {
  readonly userId: string;
  readonly username: string;
}

/** What a route's function is given, all of it checked. */
export interface Call<Who, Path, Query, Headers, Body, Seen> {
  /** A Caller on signed-in routes, a Caller or undefined on optional ones, undefined on public ones. */
  readonly caller: Who;
  readonly path: Path;
  readonly query: Query;
  readonly headers: Headers;
  readonly body: Body;
  /** What the path names, after the check that the caller may see it. */
  readonly seen: Seen;
  /** The route, the caller and the query's filters: what a cursor is bound to. */
  readonly listing: string;
}
