import type { Background } from '../../offline/activity.ts';
import { allIdle } from '../../offline/activity.ts';
import type { Engine, FunctionPool, Invocation } from '../../offline/contract.ts';
import { createDynamoDbEngines } from '../../offline/dynamodb/engine.ts';
import { createLambdaEngine } from '../../offline/lambda/engine.ts';
import { type Schedules, startSchedules } from '../../offline/lambda/schedules.ts';
import { type EventSources, startEventSources } from '../../offline/lambda/sources.ts';
import { createSnsEngine } from '../../offline/sns/engine.ts';
import { createSqsEngine } from '../../offline/sqs/engine.ts';
import type { TemplateResource } from '../../offline/template/template.ts';
import { type TestContext, testContext } from './context.ts';
import { stackOf } from './stack.ts';

/** A handler of the test: what it returns is the answer, what it throws the error. */
export type TestHandler = (event: never) => unknown;

/** Queues, topics, tables and what they wake, around handlers that are functions of the test. */
export interface WokenStack {
  readonly context: TestContext;
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
  /** Lets time pass in steps, and what falls due in each be done before the next. */
  pass(ms: number, stepMs?: number): Promise<void>;
  stop(options?: { remove: boolean }): Promise<void>;
}

/** Starts the resources over `stateDir`; `handlers` are named as the functions are. */
export function startWoken(
  resources: Readonly<Record<string, TemplateResource>>,
  handlers: Readonly<Record<string, TestHandler>>,
  stateDir?: string,
): WokenStack {
  const context = testContext(stateDir);
  const stack = stackOf(context, resources);
  const lambda = createLambdaEngine(context, stack, poolOf(handlers));
  const sns = createSnsEngine(context, stack);
  const engines: Engine[] = [
    createSqsEngine(context, stack),
    sns,
    lambda,
    ...createDynamoDbEngines(context, stack),
  ];
  for (const engine of engines) context.engines.set(engine.service, engine);
  const sources: EventSources = startEventSources(context, stack);
  const schedules: Schedules = startSchedules(context, stack);
  const background: Background[] = [sns, lambda, sources, schedules];
  const idle = () => allIdle(background);
  return {
    context,
    idle,
    async pass(ms, stepMs = ms) {
      for (let passed = 0; passed < ms; passed += stepMs) {
        await context.clock.advance(stepMs);
        await idle();
      }
    },
    async stop(options) {
      schedules.close();
      await sources.close();
      await context.stop(options);
    },
  };
}

/** Runs handlers in this process. */
export function poolOf(handlers: Readonly<Record<string, TestHandler>>): FunctionPool {
  return {
    async invoke(functionName, event): Promise<Invocation> {
      try {
        const payload = await handlers[functionName]?.(structuredClone(event) as never);
        return { ok: true, payload };
      } catch (error) {
        const { name, message } = error as Error;
        return { ok: false, error: { errorType: name, errorMessage: message, stackTrace: [] } };
      }
    },
    close: async () => {},
  };
}

/** `Fn::GetAtt` of an ARN. */
export const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

/** A function, and the role that nobody looks at. */
export function lambdaFunction(FunctionName: string, more: Record<string, unknown> = {}): TemplateResource {
  return { Type: 'AWS::Lambda::Function', Properties: { FunctionName, Handler: 'index.handler', ...more } };
}

export function mapping(
  source: unknown,
  lambda: string,
  more: Record<string, unknown> = {},
): TemplateResource {
  return {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { EventSourceArn: source, FunctionName: arnOf(lambda), ...more },
  };
}
