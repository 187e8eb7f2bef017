import type { ApiEvent } from '../../lib/http/call.ts';

/** A caller whose token names this client; unit tests have it as COGNITO_CLIENT_ID. */
export const aCaller = {
  userId: '6f1f2a34-3f52-4b0a-9b1d-0d6f6f0f4c11',
  username: 'ana',
  clientId: process.env.COGNITO_CLIENT_ID ?? 'client',
};

type Changes = Partial<
  Pick<
    ApiEvent,
    'routeKey' | 'pathParameters' | 'queryStringParameters' | 'headers' | 'body' | 'isBase64Encoded'
  >
>;

/** An event of API Gateway's payload format 2.0 that nobody signed in for. */
export function anApiEvent(changes: Changes = {}, claims?: Record<string, unknown>): ApiEvent {
  const event = {
    version: '2.0',
    routeKey: 'GET /',
    rawPath: '/',
    rawQueryString: '',
    headers: {},
    isBase64Encoded: false,
    requestContext: { ...(claims && { authorizer: { jwt: { claims, scopes: [] } } }) },
    ...changes,
  };
  return event as unknown as ApiEvent;
}

/** The same with the claims of a good access token, or with some of them changed. */
export function aSignedInEvent(changes: Changes = {}, claims: Record<string, unknown> = {}): ApiEvent {
  const access = {
    sub: aCaller.userId,
    username: aCaller.username,
    client_id: aCaller.clientId,
    token_use: 'access',
  };
  return anApiEvent(changes, { ...access, ...claims });
}
