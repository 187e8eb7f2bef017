import type { Resource, Stack } from '../contract.ts';

/** An HTTP API as the template declares it. */
export interface HttpApi {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly cors: CorsRules | undefined;
  readonly routes: readonly HttpRoute[];
}

export interface HttpRoute {
  /** For example `GET /photos/{photoId}`, or `$default`. */
  readonly key: string;
  /** Upper case, or `ANY`. */
  readonly method: string;
  /** The path's parts; undefined for `$default`. */
  readonly segments: readonly string[] | undefined;
  readonly authorizer: JwtAuthorizer | undefined;
  /** Scopes of which the token needs at least one; empty when none is asked for. */
  readonly scopes: readonly string[];
  readonly functionName: string;
  /** How long the API waits for the function. */
  readonly timeoutMs: number;
}

export interface JwtAuthorizer {
  readonly issuer: string;
  readonly audience: readonly string[];
}

export interface CorsRules {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAgeSeconds: number | undefined;
}

/** API Gateway's default and longest wait for an integration. */
const longestTimeoutMs = 30_000;

/**
 * The stack's HTTP API; undefined where it has none.
 * @throws Error where it uses what is not supported here: another integration, payload or authorizer
 */
export function httpApiOf(stack: Stack, region: string, account: string): HttpApi | undefined {
  const api = stack.resources.find(({ type }) => type === 'AWS::ApiGatewayV2::Api');
  if (!api) return undefined;
  const byId = new Map(stack.resources.map((resource) => [resource.physicalId, resource]));
  const routes = stack.resources.filter(({ type }) => type === 'AWS::ApiGatewayV2::Route');
  return {
    id: api.physicalId,
    account,
    region,
    cors: corsOf(api),
    routes: routes.map((route) => routeOf(route, byId, stack)),
  };
}

function corsOf(api: Resource): CorsRules | undefined {
  const cors = api.properties.CorsConfiguration as Record<string, unknown> | undefined;
  if (!cors) return undefined;
  const list = (name: string) => ((cors[name] ?? []) as unknown[]).map(String);
  return {
    allowOrigins: list('AllowOrigins'),
    allowMethods: list('AllowMethods').map((method) => method.toUpperCase()),
    allowHeaders: list('AllowHeaders').map((name) => name.toLowerCase()),
    exposeHeaders: list('ExposeHeaders').map((name) => name.toLowerCase()),
    allowCredentials: String(cors.AllowCredentials) === 'true',
    maxAgeSeconds: cors.MaxAge === undefined ? undefined : Number(cors.MaxAge),
  };
}

function routeOf(route: Resource, byId: ReadonlyMap<string, Resource>, stack: Stack): HttpRoute {
  const { properties, logicalId } = route;
  const key = String(properties.RouteKey);
  const [method, path] = key.split(' ') as [string, string | undefined];
  const integration = byId.get(String(properties.Target).replace('integrations/', ''));
  if (integration?.properties.IntegrationType !== 'AWS_PROXY') {
    throw new Error(`${logicalId}: only Lambda proxy integrations are supported here`);
  }
  if (integration.properties.PayloadFormatVersion !== '2.0') {
    throw new Error(`${logicalId}: only payload format 2.0 is supported here`);
  }
  const timeout = Number(integration.properties.TimeoutInMillis ?? longestTimeoutMs);
  return {
    key,
    method: path === undefined ? 'ANY' : method,
    segments: path === undefined ? undefined : path.split('/').slice(1),
    authorizer: authorizerOf(route, byId),
    scopes: ((properties.AuthorizationScopes ?? []) as unknown[]).map(String),
    functionName: functionNameOf(String(integration.properties.IntegrationUri), stack, logicalId),
    timeoutMs: Math.min(timeout, longestTimeoutMs),
  };
}

function authorizerOf(route: Resource, byId: ReadonlyMap<string, Resource>): JwtAuthorizer | undefined {
  const { AuthorizationType = 'NONE', AuthorizerId } = route.properties;
  if (AuthorizationType === 'NONE') return undefined;
  const jwt = byId.get(String(AuthorizerId))?.properties.JwtConfiguration as
    | { Issuer: unknown; Audience: unknown[] }
    | undefined;
  if (AuthorizationType === 'JWT' && jwt) {
    return { issuer: String(jwt.Issuer), audience: jwt.Audience.map(String) };
  }
  throw new Error(`${route.logicalId}: only JWT authorizers are supported here`);
}

function functionNameOf(uri: string, stack: Stack, logicalId: string): string {
  const found = stack.resources.find(
    ({ type, arn }) => type === 'AWS::Lambda::Function' && uri.includes(arn),
  );
  if (found) return found.name;
  throw new Error(`${logicalId}: expected the ARN of a function of this stack, received ${uri}`);
}
