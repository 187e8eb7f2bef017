import * as z from 'zod';
import type { Background } from '../activity.ts';
import {
  type Answer,
  type Call,
  type Context,
  type Engine,
  type FunctionPool,
  type Need,
  ServiceError,
  type Stack,
} from '../contract.ts';
import type { Deliveries } from '../deliveries.ts';
import { parseInput } from '../parse-input.ts';
import { type EventInvoke, openEventInvokes } from './event-invokes.ts';
import { functionNameOf } from './principal.ts';

const CODES = { missing: 'InvalidParameterValueException', invalid: 'InvalidParameterValueException' };

const invoke = z.object({
  FunctionName: z.string().min(1),
  Payload: z.unknown(),
  InvocationType: z.enum(['RequestResponse', 'Event', 'DryRun']).default('RequestResponse'),
  TraceHeader: z.string().optional(),
});

/** The largest event in bytes: 6 MiB where the caller waits, 1 MiB where it doesn't. */
const LARGEST = { RequestResponse: 6 * 1024 * 1024, Event: 1024 * 1024, DryRun: 6 * 1024 * 1024 };

/**
 * Lambda's Invoke, for calls from inside. `Payload` is a JSON value both ways; the answer is that of the API:
 * `{StatusCode, FunctionError?, Payload}`. See `InvokeRequest` for the input.
 */
export function createLambdaEngine(context: Context, stack: Stack, pool: FunctionPool): Engine & Background {
  return new LambdaEngine(context, stack, pool);
}

class LambdaEngine implements Engine, Background {
  readonly service = 'lambda';
  readonly #context: Context;
  readonly #pool: FunctionPool;
  readonly #arns: ReadonlyMap<string, string>;
  readonly #events: Deliveries<EventInvoke>;

  constructor(context: Context, stack: Stack, pool: FunctionPool) {
    this.#context = context;
    this.#pool = pool;
    const functions = stack.resources.filter(({ type }) => type === 'AWS::Lambda::Function');
    this.#arns = new Map(functions.map(({ name, arn }) => [name, arn]));
    this.#events = openEventInvokes(context, stack, pool);
  }

  get busy(): boolean {
    return this.#events.busy;
  }

  idle(): Promise<void> {
    return this.#events.idle();
  }

  needs({ operation, input }: Call): Need[] {
    const { region, account } = this.#context;
    const name = functionNameOf(String(input.FunctionName ?? ''));
    const resource = this.#arns.get(name) ?? `arn:aws:lambda:${region}:${account}:function:${name}`;
    return [{ action: `lambda:${operation === 'Invoke' ? 'InvokeFunction' : operation}`, resource }];
  }

  async handle({ operation, input }: Call): Promise<Answer> {
    if (operation !== 'Invoke') {
      throw new ServiceError(
        'UnknownOperationException',
        `The local Lambda has Invoke, not ${operation}.`,
        404,
      );
    }
    const request = parseInput(invoke, input, CODES);
    const functionName = functionNameOf(request.FunctionName);
    this.#check(functionName, request);
    if (request.InvocationType === 'DryRun') return { output: { StatusCode: 204 } };
    if (request.InvocationType === 'RequestResponse')
      return { output: await this.#run(functionName, request) };
    this.#events.owe({
      requestId: this.#context.random.uuid(),
      functionName,
      payload: request.Payload,
      traceHeader: request.TraceHeader,
      acceptedAt: this.#context.clock.now(),
    });
    return { output: { StatusCode: 202 } };
  }

  async close(): Promise<void> {
    await this.#events.close();
  }

  async #run(functionName: string, request: z.output<typeof invoke>): Promise<Record<string, unknown>> {
    const trace = request.TraceHeader ? { traceHeader: request.TraceHeader } : {};
    const outcome = await this.#pool.invoke(functionName, request.Payload, trace);
    if (outcome.ok) return { StatusCode: 200, Payload: outcome.payload };
    const { errorType, errorMessage, stackTrace } = outcome.error;
    return {
      StatusCode: 200,
      FunctionError: 'Unhandled',
      Payload: { errorType, errorMessage, trace: stackTrace },
    };
  }

  #check(functionName: string, { Payload, InvocationType }: z.output<typeof invoke>): void {
    if (!this.#arns.has(functionName)) {
      const { region, account } = this.#context;
      const arn = `arn:aws:lambda:${region}:${account}:function:${functionName}`;
      throw new ServiceError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
    }
    const bytes = Buffer.byteLength(JSON.stringify(Payload) ?? '');
    const limit = LARGEST[InvocationType];
    if (bytes > limit) {
      throw new ServiceError(
        'RequestTooLargeException',
        `Request must be smaller than ${limit} bytes for the InvokeFunction operation, received ${bytes}`,
        413,
      );
    }
  }
}
