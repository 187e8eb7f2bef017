/**
 * Client settings for calls from a Lambda: the SDK's defaults wait without end for a connection or an
 * answer, which turns one lost packet into a timed-out function.
 */
export function quickly(limits: { readonly requestTimeout: number }) {
  return {
    maxAttempts: 4,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: limits.requestTimeout,
      throwOnRequestTimeout: true,
    },
  };
}
