import { SFNClient } from '@aws-sdk/client-sfn';
import { allIdle, type Background } from '../../offline/activity.ts';
import { Clock } from '../../offline/clock.ts';
import type { Engine, Principal } from '../../offline/contract.ts';
import { createDynamoDbEngines } from '../../offline/dynamodb/engine.ts';
import type { GatewayOptions } from '../../offline/gateway/gateway.ts';
import { StackPermission } from '../../offline/gateway/permission/stack-permission.ts';
import { createLambdaEngine } from '../../offline/lambda/engine.ts';
import { startSchedules } from '../../offline/lambda/schedules.ts';
import { createSnsEngine } from '../../offline/sns/engine.ts';
import { createSqsEngine } from '../../offline/sqs/engine.ts';
import { createStatesEngine, type StatesEngine } from '../../offline/states/engine.ts';
import type { TemplateResource } from '../../offline/template/template.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';
import { account, documentOf, type GivenStatement } from './permission.ts';
import { lambdaIn, roleWith, trusting } from './permission-stack.ts';
import { stackOf } from './stack.ts';
import { poolOf, type TestHandler } from './woken.ts';

type Resources = Readonly<Record<string, TemplateResource>>;

export interface MachinesOptions extends Partial<GatewayOptions> {
  /** Functions of the test by the name that they are deployed with. */
  readonly handlers?: Readonly<Record<string, TestHandler>>;
}

/** State machines around functions of the test, behind a gateway that judges. */
export interface Machines extends TestGateway {
  readonly states: StatesEngine;
  readonly sfn: SFNClient;
  /** What was said at the terminal. */
  readonly logged: string[];
  /** A client that calls as somebody else. */
  clientOf(principal: Principal): SFNClient;
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
  /** Lets time pass, and what falls due be done. */
  pass(ms: number): Promise<void>;
}

/** Starts the resources; functions of `handlers` are in the stack by themselves. */
export async function startMachines(
  resources: Resources,
  { handlers = {}, ...options }: MachinesOptions = {},
): Promise<Machines> {
  const clock = options.clock ?? new Clock();
  const logged: string[] = [];
  const log = (line: string) => void logged.push(line);
  const permission = new StackPermission({ clock, region: 'eu-west-1', account, log });
  const background: Background[] = [];
  let states: StatesEngine | undefined;
  const gateway = await startTestGateway(
    (context) => {
      const stack = stackOf(context, { ...functionsOf(handlers), MachineRole: machineRole(), ...resources });
      permission.govern(stack);
      const lambda = createLambdaEngine(context, stack, poolOf(handlers));
      states = createStatesEngine(context, stack);
      background.push(lambda, states, startSchedules(context, stack));
      const engines: Engine[] = [
        createSqsEngine(context, stack),
        createSnsEngine(context, stack),
        ...createDynamoDbEngines(context, stack),
        lambda,
        states,
      ];
      return engines;
    },
    { permission, ...options, clock, log },
  );
  const idle = () => allIdle(background);
  // A second attempt, as a client learns from the first that the stack's clock is ahead of its own.
  const config = { ...gateway.clientConfig, maxAttempts: 2, disableHostPrefix: true };
  return {
    ...gateway,
    states: states as StatesEngine,
    sfn: new SFNClient(config),
    logged,
    clientOf: (principal) =>
      new SFNClient({ ...config, credentials: gateway.gateway.credentials.issueKey(principal) }),
    idle,
    async pass(ms) {
      await idle();
      await clock.advance(ms);
      await idle();
    },
  };
}

/** A machine in the role that may do everything, unless another is given. */
export function machine(
  definition: object,
  { Type = 'STANDARD', Role = 'MachineRole', ...more }: Readonly<Record<string, unknown>> = {},
): TemplateResource {
  return {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      StateMachineType: Type,
      RoleArn: { 'Fn::GetAtt': [Role, 'Arn'] },
      Definition: definition,
      ...more,
    },
  };
}

/** A machine of one state that ends it. */
export const oneState = (state: object, more: object = {}) => ({
  StartAt: 'Only',
  States: { Only: { ...state, ...('Type' in state && state.Type === 'Fail' ? {} : { End: true }) } },
  ...more,
});

/** A role for machines with these statements; all of AWS if there are none. */
export function machineRole(...statements: GivenStatement[]): TemplateResource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: trusting('states.amazonaws.com'),
      Policies: [
        { PolicyName: 'access', PolicyDocument: documentOf(...(statements.length > 0 ? statements : [{}])) },
      ],
    },
  };
}

export const functionArn = (name: string) => `arn:aws:lambda:eu-west-1:${account}:function:${name}`;
export const machineArn = (name: string) => `arn:aws:states:eu-west-1:${account}:stateMachine:${name}`;

function functionsOf(handlers: Readonly<Record<string, TestHandler>>): Resources {
  const functions = Object.keys(handlers).map((name, index) => [
    `Function${index}`,
    lambdaIn('FunctionRole', { FunctionName: name }),
  ]);
  return { FunctionRole: roleWith(), ...Object.fromEntries(functions) };
}
