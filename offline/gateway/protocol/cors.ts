import type { IncomingRequest, Reply } from '../http.ts';

/** Cognito answers every origin: a frontend signs its users in from the browser. */
export const COGNITO_CORS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x-amzn-RequestId,x-amzn-ErrorType,Date',
};

/** Answers a browser that asks whether it may call Cognito. */
export function cognitoPreflight(request: IncomingRequest): Reply {
  return {
    status: 200,
    headers: {
      ...COGNITO_CORS,
      'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '',
      'access-control-allow-methods': 'POST',
      'access-control-max-age': '172800',
    },
  };
}
