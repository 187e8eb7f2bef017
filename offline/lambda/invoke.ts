import type { Context, Invocation, Principal } from '../contract.ts';

/** What a call of Lambda's Invoke from inside asks for. `Payload` is the event itself, not its bytes. */
export interface InvokeRequest {
  /** Name or ARN. */
  readonly FunctionName: string;
  readonly Payload: unknown;
  readonly InvocationType?: 'RequestResponse' | 'Event' | 'DryRun';
  /** The trace that the invocation belongs to, as in `X-Amzn-Trace-Id`. */
  readonly TraceHeader?: string | undefined;
}

/**
 * Invokes a function through the gateway and waits for what it comes to.
 * @throws ServiceError where the call itself fails; what the handler throws is in the answer
 */
export async function invokeFunction(
  context: Context,
  principal: Principal,
  request: Omit<InvokeRequest, 'InvocationType'>,
): Promise<Invocation> {
  const answer = await context.call(principal, 'lambda', 'Invoke', { ...request });
  if (answer.FunctionError === undefined) return { ok: true, payload: answer.Payload };
  const { errorType, errorMessage, trace } = answer.Payload as {
    errorType: string;
    errorMessage: string;
    trace: string[];
  };
  return { ok: false, error: { errorType, errorMessage, stackTrace: trace } };
}

/** Hands an event to a function without waiting: it is kept until it is done or given up. */
export async function sendEvent(
  context: Context,
  principal: Principal,
  request: Omit<InvokeRequest, 'InvocationType'>,
): Promise<void> {
  await context.call(principal, 'lambda', 'Invoke', { ...request, InvocationType: 'Event' });
}
