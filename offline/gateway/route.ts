import type { ServiceName } from '../contract.ts';
import type { RequestHead } from './http.ts';
import { scopedService } from './identity/claim.ts';

/** The wire protocol a request speaks, and as much of its target as stands outside its body. */
export type Route =
  | { readonly protocol: 'control' }
  | { readonly protocol: 'json'; readonly service: ServiceName; readonly operation: string }
  | { readonly protocol: 'query'; readonly service: ServiceName }
  | { readonly protocol: 'lambda' }
  | { readonly protocol: 'personalize' }
  | { readonly protocol: 'discovery' }
  | { readonly protocol: 'preflight' }
  | { readonly protocol: 'unknown'; readonly service: string }
  | { readonly protocol: 's3' }
  | { readonly protocol: 's3-form' };

/** The prefix of `x-amz-target`, without its date, by service. */
const TARGETS: ReadonlyMap<string, ServiceName> = new Map([
  ['DynamoDB', 'dynamodb'],
  ['DynamoDBStreams', 'dynamodbstreams'],
  ['AmazonSQS', 'sqs'],
  ['AWSCognitoIdentityProviderService', 'cognito-idp'],
  ['secretsmanager', 'secretsmanager'],
  ['AWSStepFunctions', 'states'],
  ['Firehose', 'firehose'],
  ['AmazonPersonalize', 'personalize'],
]);

/** The services that speak the query protocol, by the name they are signed with. */
const QUERY_SERVICES: ReadonlyMap<string, ServiceName> = new Map([['sns', 'sns']]);

/** The name a service's requests are signed with, where it is another than its own. */
export function signingName(service: ServiceName): string {
  return service === 'dynamodbstreams' ? 'dynamodb' : service;
}

/** Decides which service a request is for. Nothing is verified: identity compares the scope afterwards. */
export function routeOf(request: RequestHead): Route {
  const { method, rawPath, headers } = request;
  if (rawPath.startsWith('/_afterparty/')) return { protocol: 'control' };
  const target = headers['x-amz-target'];
  if (target !== undefined) {
    const dot = target.lastIndexOf('.');
    const service = TARGETS.get(target.slice(0, dot).replace(/_\d+$/, ''));
    return service
      ? { protocol: 'json', service, operation: target.slice(dot + 1) }
      : { protocol: 'unknown', service: target };
  }
  if (method === 'OPTIONS' && /x-amz-target/i.test(headers['access-control-request-headers'] ?? '')) {
    return { protocol: 'preflight' };
  }
  const scope = scopedService(request);
  const type = headers['content-type'] ?? '';
  const query = scope === undefined ? undefined : QUERY_SERVICES.get(scope);
  if (query) return { protocol: 'query', service: query };
  if (scope === undefined && method === 'POST' && type.startsWith('multipart/form-data')) {
    return { protocol: 's3-form' };
  }
  if (scope === undefined && method === 'GET' && /^\/[^/]+\/\.well-known\//.test(rawPath)) {
    return { protocol: 'discovery' };
  }
  if (scope === undefined && method === 'POST' && type.startsWith('application/x-www-form-urlencoded')) {
    return { protocol: 'query', service: 'sns' };
  }
  if (scope === 'lambda' || scope === 'personalize') return { protocol: scope };
  if (scope !== undefined && scope !== 's3') return { protocol: 'unknown', service: scope };
  return { protocol: 's3' };
}
