import { logger } from '../observe.ts';
import { Problem } from '../problem.ts';
import type { Answer } from './answer.ts';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition failed',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid request',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Service unavailable',
};

/** RFC 9457 problem details of what was thrown; an unexpected error says nothing about its inside. */
export function problemAnswer(error: unknown, instance: string): Answer {
  const problem = error instanceof Problem ? error : unexpected(error);
  return {
    status: problem.status,
    headers: { ...problem.headers, 'content-type': 'application/problem+json' },
    body: {
      type: `/problems/${problem.code}`,
      title: TITLES[problem.status] ?? 'Error',
      status: problem.status,
      code: problem.code,
      detail: problem.message,
      instance,
      ...(problem.errors && { errors: problem.errors }),
      ...problem.members,
    },
  };
}

/** Throttling passes; the client may come again. Anything else is our fault and stays inside. */
function unexpected(error: unknown): Problem {
  logger.error('unexpected', { error });
  const name = error instanceof Error ? error.name : '';
  if (
    /Throttl|ProvisionedThroughput|TransactionConflict|TransactionCanceled|SlowDown|ServiceUnavailable|TooManyRequests/.test(
      name,
    )
  ) {
    return new Problem(503, 'busy', 'The service is busy; try again shortly.', {
      headers: { 'retry-after': '1' },
    });
  }
  return new Problem(500, 'internal', 'Something went wrong on our side; it has been logged.');
}
