import { join } from 'node:path';
import * as z from 'zod';
import type { Context, FunctionPool, Invocation, Resource, Stack } from '../contract.ts';
import { Deliveries } from '../deliveries.ts';
import { queueNameOf, queueUrl } from '../sqs/names.ts';
import { checkDestination, datedKey, sendToDestination } from './destinations.ts';
import { functionNameOf, functionPrincipal } from './principal.ts';

/** One event that a function has been handed asynchronously. */
export interface EventInvoke {
  readonly requestId: string;
  readonly functionName: string;
  readonly payload: unknown;
  readonly traceHeader?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number;
}

/** How a function's asynchronous events are retried, and where they go in the end. */
interface Policy {
  readonly resource: Resource;
  readonly maximumRetries: number;
  readonly maximumAgeMs: number;
  readonly onFailure?: string | undefined;
  readonly deadLetterArn?: string | undefined;
}

const configuration = z.object({
  FunctionName: z.string(),
  MaximumRetryAttempts: z.coerce.number().int().min(0).max(2).default(2),
  MaximumEventAgeInSeconds: z.coerce.number().int().min(60).max(21_600).default(21_600),
  DestinationConfig: z
    .strictObject({ OnFailure: z.object({ Destination: z.string() }).optional() })
    .optional(),
});

const deadLetters = z.object({ TargetArn: z.string() }).optional();

/** What the handler came to, where it did not succeed. */
class HandlerFailed extends Error {
  override readonly name = 'HandlerFailed';
  readonly error: Extract<Invocation, { ok: false }>['error'];

  constructor(error: Extract<Invocation, { ok: false }>['error']) {
    super(error.errorMessage);
    this.error = error;
  }
}

/**
 * The asynchronous invocations that Lambda owes: kept in a journal, tried up to three times with one and two
 * minutes between, then sent to the function's failure destination and dead-letter queue, if it has any.
 */
export function openEventInvokes(
  context: Context,
  stack: Stack,
  pool: FunctionPool,
): Deliveries<EventInvoke> {
  const policies = policiesOf(stack);
  return new Deliveries<EventInvoke>({
    file: join(context.stateDir, 'lambda', 'events.jsonl'),
    clock: context.clock,
    attempt: async ({ functionName, payload, traceHeader }) => {
      const outcome = await pool.invoke(functionName, payload, traceHeader ? { traceHeader } : {});
      if (!outcome.ok) throw new HandlerFailed(outcome.error);
    },
    retryAfter: (attempts, _, { functionName, acceptedAt }) => {
      const policy = policies.get(functionName);
      const wait = attempts * 60_000;
      if (!policy || attempts > policy.maximumRetries) return undefined;
      return context.clock.now() + wait - acceptedAt > policy.maximumAgeMs ? undefined : wait;
    },
    giveUp: async (event, error, attempts) => {
      const policy = policies.get(event.functionName);
      if (policy) await report(context, policy, event, error, attempts);
    },
  });
}

function policiesOf(stack: Stack): Map<string, Policy> {
  const configurations = new Map(
    stack.resources
      .filter(({ type }) => type === 'AWS::Lambda::EventInvokeConfig')
      .map(({ logicalId, properties }) => {
        const parsed = configuration.safeParse(properties);
        if (!parsed.success) throw new Error(`${logicalId}: ${z.prettifyError(parsed.error)}`);
        return [functionNameOf(parsed.data.FunctionName), parsed.data] as const;
      }),
  );
  const functions = stack.resources.filter(({ type }) => type === 'AWS::Lambda::Function');
  return new Map(
    functions.map((resource) => [resource.name, policyOf(resource, configurations.get(resource.name))]),
  );
}

function policyOf(resource: Resource, given: z.output<typeof configuration> | undefined): Policy {
  const destination = given?.DestinationConfig?.OnFailure?.Destination;
  const deadLetterArn = deadLetters.parse(resource.properties.DeadLetterConfig)?.TargetArn;
  return {
    resource,
    maximumRetries: given?.MaximumRetryAttempts ?? 2,
    maximumAgeMs: (given?.MaximumEventAgeInSeconds ?? 21_600) * 1000,
    onFailure: destination && checkDestination(destination, resource.logicalId),
    deadLetterArn: deadLetterArn && checkDestination(deadLetterArn, resource.logicalId),
  };
}

async function report(
  context: Context,
  policy: Policy,
  event: EventInvoke,
  error: unknown,
  attempts: number,
): Promise<void> {
  const { resource, onFailure, deadLetterArn, maximumRetries } = policy;
  const principal = functionPrincipal(resource);
  const failed = error instanceof HandlerFailed ? error.error : undefined;
  if (onFailure) {
    const record = {
      version: '1.0',
      timestamp: new Date(context.clock.now()).toISOString(),
      requestContext: {
        requestId: event.requestId,
        functionArn: `${resource.arn}:$LATEST`,
        condition: attempts > maximumRetries ? 'RetriesExhausted' : 'EventAgeExceeded',
        approximateInvokeCount: attempts,
      },
      requestPayload: event.payload,
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: failed && {
        errorType: failed.errorType,
        errorMessage: failed.errorMessage,
        trace: failed.stackTrace,
      },
    };
    const key = () => `aws/lambda/async/${event.functionName}/${datedKey(context)}`;
    await sendToDestination(context, { arn: onFailure, principal }, record, key);
  }
  if (deadLetterArn) await sendDeadLetter(context, policy, event, failed?.errorMessage ?? String(error));
}

/** A dead-letter queue or topic gets the event itself; why it failed is in the attributes. */
async function sendDeadLetter(
  context: Context,
  { resource, deadLetterArn = '' }: Policy,
  event: EventInvoke,
  errorMessage: string,
): Promise<void> {
  const text = (StringValue: string) => ({ DataType: 'String', StringValue });
  const MessageAttributes = {
    RequestID: text(event.requestId),
    ErrorCode: { DataType: 'Number', StringValue: '200' },
    ErrorMessage: text(errorMessage.slice(0, 1024) || 'unknown'),
  };
  const body = JSON.stringify(event.payload);
  const principal = functionPrincipal(resource);
  if (deadLetterArn.startsWith('arn:aws:sns:')) {
    await context.call(principal, 'sns', 'Publish', {
      TopicArn: deadLetterArn,
      Message: body,
      MessageAttributes,
    });
  } else {
    const QueueUrl = queueUrl(context, queueNameOf(deadLetterArn));
    await context.call(principal, 'sqs', 'SendMessage', { QueueUrl, MessageBody: body, MessageAttributes });
  }
}
