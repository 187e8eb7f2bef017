import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { inject } from 'vitest';
import { allIdle, type Background } from '../../offline/activity.ts';
import { Clock } from '../../offline/clock.ts';
import { type Call, type Engine, ServiceError } from '../../offline/contract.ts';
import { StackPermission } from '../../offline/gateway/permission/stack-permission.ts';
import { createLambdaEngine } from '../../offline/lambda/engine.ts';
import { needsOf } from '../../offline/personalize/needs.ts';
import type { World } from '../../offline/personalize/world.ts';
import { createStatesEngine, type StatesEngine } from '../../offline/states/engine.ts';
import { resolveStack } from '../../offline/template/resolve.ts';
import { startTestGateway } from './gateway.ts';
import { account } from './permission.ts';
import { poolOf, type TestHandler } from './woken.ts';

type Members = Readonly<Record<string, unknown>>;

/** What an operation answers; what it throws is the error. */
export type Answering = (input: Call['input'], nth: number) => Members;

/** How an execution ended. */
export interface Ended {
  readonly status: string | undefined;
  readonly output: Members | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** The operations of Personalize that were called, in order. */
  readonly calls: readonly { readonly operation: string; readonly input: Call['input'] }[];
  /** How many events its history has. */
  readonly events: number;
  /** Seconds that it took. */
  readonly seconds: number;
}

export interface TrainingMachine {
  /** Runs the machine to its end, with operations and functions that answer otherwise than they do by themselves. */
  run(
    answers?: Readonly<Record<string, Answering>>,
    handlers?: Readonly<Record<string, TestHandler>>,
    input?: string,
  ): Promise<Ended>;
  /** All that happened in the machine so far. */
  happened(): ReadonlySet<string>;
  stop(): Promise<void>;
}

const ARN = `arn:aws:personalize:eu-west-1:${account}`;
const HOUR_MS = 3_600_000;

export const metricsOf = (gain: number, coverage = 0.5) => ({
  coverage,
  normalized_discounted_cumulative_gain_at_25: gain,
});

export const refusal = (code: string, message = `${code} it is`) => new ServiceError(code, message);

/** The machine as it deploys, in its own role, between a Personalize and functions that answer what a test wants. */
export async function startTrainingMachine(usual: Readonly<Record<string, TestHandler>>) {
  const clock = new Clock();
  const permission = new StackPermission({ clock, region: 'eu-west-1', account, log: () => {} });
  const background: Background[] = [];
  let personalize = new ScriptedPersonalize({});
  let handlers: Readonly<Record<string, TestHandler>> = usual;
  let states: StatesEngine | undefined;
  const gateway = await startTestGateway(
    (context) => {
      const { region, endpoint } = context;
      const place = { stackName: 'afterparty-local', region, account, endpoint };
      const stack = resolveStack(inject('localTemplate'), place);
      permission.govern(stack);
      const pool = {
        ...poolOf({}),
        invoke: (name: string, event: unknown) =>
          poolOf({ [name]: handlers[name.split('-').at(-1) ?? ''] as TestHandler }).invoke(name, event),
      };
      const lambda = createLambdaEngine(context, stack, pool);
      states = createStatesEngine(context, stack);
      background.push(lambda, states);
      const scripted: Engine = {
        service: 'personalize',
        needs: (call) => needsOf({ arn: (path: string) => `${ARN}:${path}` } as World, call),
        handle: async (call) => ({ output: personalize.answer(call) }),
        close: async () => {},
      };
      return [lambda, states, scripted];
    },
    { permission, clock },
  );
  const sfn = new SFNClient({ ...gateway.clientConfig, maxAttempts: 2, disableHostPrefix: true });
  const machine = `arn:aws:states:eu-west-1:${account}:stateMachine:afterparty-local-train-recommender`;

  const training: TrainingMachine = {
    async run(answers = {}, others = {}, input = '{}') {
      personalize = new ScriptedPersonalize(answers);
      handlers = { ...usual, ...others };
      const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: machine, input }));
      for (let hours = 0; hours < 30; hours += 1 / 12) {
        await allIdle(background);
        const { status, output, error, cause, startDate, stopDate } = await sfn.send(
          new DescribeExecutionCommand({ executionArn }),
        );
        if (status !== 'RUNNING') {
          return {
            ...{ status, error, cause, output: output && JSON.parse(output), calls: personalize.calls },
            events: await eventsOf(executionArn),
            seconds: (Number(stopDate) - Number(startDate)) / 1_000,
          };
        }
        await clock.advance(HOUR_MS / 12);
      }
      throw new Error('The execution has not ended within 30 hours.');
    },
    happened: () =>
      new Set(
        (states as StatesEngine)
          .executions()
          .flatMap(({ path }) => path as { state: string; event: string; error?: string }[])
          .map(({ state, event, error }) =>
            event === 'caught' ? `${state} caught ${error}` : `${state} ${event}`,
          ),
      ),
    stop: () => gateway.stop(),
  };
  return training;

  async function eventsOf(executionArn: string | undefined): Promise<number> {
    const newest = { executionArn, reverseOrder: true, maxResults: 1 };
    const { events = [] } = await sfn.send(new GetExecutionHistoryCommand(newest));
    return events[0]?.id ?? 0;
  }
}

/** Everything is there at once, and nothing is deployed at first. */
class ScriptedPersonalize {
  readonly calls: { readonly operation: string; readonly input: Call['input'] }[] = [];
  readonly #answers: Readonly<Record<string, Answering>>;
  #deployed: unknown;

  constructor(answers: Readonly<Record<string, Answering>>) {
    this.#answers = answers;
  }

  answer({ operation, input }: Call): Members {
    const nth = this.calls.filter((call) => call.operation === operation).length;
    this.calls.push({ operation, input });
    if (/^(Create|Update)Campaign$/.test(operation)) {
      const answer = this.#answers[operation]?.(input, nth) ?? { campaignArn: 'campaign' };
      this.#deployed = input.solutionVersionArn;
      return answer;
    }
    return this.#answers[operation]?.(input, nth) ?? this.#usual(operation, input);
  }

  #usual(operation: string, input: Call['input']): Members {
    const active = { status: 'ACTIVE' };
    switch (operation) {
      case 'DescribeDatasetGroup':
        return { datasetGroup: { ...active, creationDateTime: 1_700_000_000 } };
      case 'DescribeSolution':
        return { solution: active };
      case 'DescribeDatasetImportJob':
        return { datasetImportJob: active };
      case 'CreateSolutionVersion':
        return { solutionVersionArn: `${input.solutionArn}/new` };
      case 'DescribeSolutionVersion':
        return { solutionVersion: active };
      case 'GetSolutionMetrics': {
        const { solutionVersionArn } = input;
        const isPopularity = String(solutionVersionArn).includes('popularity');
        return { solutionVersionArn, metrics: metricsOf(isPopularity ? 0.1 : 0.3) };
      }
      case 'DescribeFilter':
        return { filter: active };
      case 'DescribeCampaign':
        if (this.#deployed === undefined) throw refusal('ResourceNotFoundException');
        return { campaign: { ...active, solutionVersionArn: this.#deployed } };
      default:
        return {};
    }
  }
}
