import { Clock } from '../../offline/clock.ts';
import type { Engine, Principal, Stack } from '../../offline/contract.ts';
import { createDynamoDbEngines } from '../../offline/dynamodb/engine.ts';
import type { GatewayOptions } from '../../offline/gateway/gateway.ts';
import { StackPermission } from '../../offline/gateway/permission/stack-permission.ts';
import type { Permission } from '../../offline/gateway/permission.ts';
import { createIssuerEngine } from '../../offline/issuer/engine.ts';
import { createLambdaEngine } from '../../offline/lambda/engine.ts';
import { createS3Engine } from '../../offline/s3/engine.ts';
import { createSecretsEngine } from '../../offline/secrets/engine.ts';
import { createSnsEngine } from '../../offline/sns/engine.ts';
import { createSqsEngine } from '../../offline/sqs/engine.ts';
import type { TemplateResource } from '../../offline/template/template.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';
import { account } from './permission.ts';
import { resources, writer } from './permission-stack.ts';
import { stackOf } from './stack.ts';

/** Every service of a stack behind a gateway that judges. */
export interface JudgedGateway extends TestGateway {
  readonly stack: Stack;
  /** What was said at the terminal. */
  readonly logged: string[];
  /** For the constructor of any SDK client: calls are this principal's, the function `writer`'s unless given. */
  configOf(principal?: Principal): TestGateway['clientConfig'] & { maxAttempts: number };
}

export interface JudgedOptions extends Partial<GatewayOptions> {
  /** Puts something around the permission stage. */
  readonly wrapped?: (permission: Permission) => Permission;
}

/** Starts the resources of `permission-stack.ts`, with others added or put in their place. */
export async function startJudged(
  changed: Readonly<Record<string, TemplateResource>>,
  { wrapped = (permission: Permission) => permission, ...options }: JudgedOptions = {},
): Promise<JudgedGateway> {
  const clock = new Clock();
  const logged: string[] = [];
  const log = (line: string) => void logged.push(line);
  const permission = new StackPermission({ clock, region: 'eu-west-1', account, log });
  let stack: Stack | undefined;
  const gateway = await startTestGateway(
    (context) => {
      stack = stackOf(context, { ...resources, ...changed });
      permission.govern(stack);
      const pool = { invoke: async () => ({ ok: true, payload: 'done' }) as const, close: async () => {} };
      const engines: Engine[] = [
        createSqsEngine(context, stack),
        createSnsEngine(context, stack),
        createSecretsEngine(context, stack),
        createIssuerEngine(context, stack),
        createS3Engine(context, stack, (call) => permission.mayList(call)),
        createLambdaEngine(context, stack, pool),
        ...createDynamoDbEngines(context, stack),
      ];
      return engines;
    },
    { ...options, clock, permission: wrapped(permission), log },
  );
  return {
    ...gateway,
    stack: stack as Stack,
    logged,
    configOf: (principal = writer) => ({
      ...gateway.clientConfig,
      credentials: gateway.gateway.credentials.issueKey(principal),
      maxAttempts: 1,
    }),
  };
}
