import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { handler as judgeVersion } from '../../../functions/steps/judge-version.ts';
import {
  type Answering,
  metricsOf,
  refusal,
  startTrainingMachine,
  type TrainingMachine,
} from '../../support/training-machine.ts';

const ARN = 'arn:aws:personalize:eu-west-1:000000000000';
const RECOMMENDER = `${ARN}:solution/afterparty-local-recommender`;
const counted = { interactions: 1_200, people: 60, peopleWithTwo: 40, isEnough: true, imports: [] };
const imports = ['INTERACTIONS', 'ITEMS'].map((dataset) => ({
  dataset,
  jobName: `afterparty-local-${dataset.toLowerCase()}-1`,
  location: `s3://clicks/imports/1/${dataset.toLowerCase()}.csv`,
}));
const withImports = { countInteractions: () => ({ ...counted, imports }) };

let machine: TrainingMachine;
beforeAll(async () => {
  machine = await startTrainingMachine({
    countInteractions: () => counted,
    judgeVersion: (event: never) => judgeVersion(event),
  });
});
afterAll(() => machine.stop());

/** What is deployed already, until the campaign is told of another. */
const deployed: Record<string, Answering> = (() => {
  let version = `${RECOMMENDER}/old`;
  return {
    DescribeCampaign: (_, nth) => {
      if (nth === 0) version = `${RECOMMENDER}/old`;
      return { campaign: { status: 'ACTIVE', solutionVersionArn: version } };
    },
    UpdateCampaign: ({ solutionVersionArn }) => {
      version = String(solutionVersionArn);
      return {};
    },
  };
})();
const refuse: (code: string, message?: string) => Answering = (code, message) => () => {
  throw refusal(code, message);
};
/** Answers otherwise at first. */
const first = (times: number, answering: Answering): Answering =>
  ((input, nth) => (nth < times ? answering(input, nth) : undefined)) as Answering;

test('trains, judges and deploys for the first time', async () => {
  const { status, output, calls } = await machine.run({
    DescribeSolution: first(1, refuse('ResourceNotFoundException')),
  });
  expect({ status, output }).toMatchObject({
    status: 'SUCCEEDED',
    output: {
      outcome: 'deployed',
      solutionVersionArn: `${RECOMMENDER}/new`,
      metrics: { trained: metricsOf(0.3), popularity: metricsOf(0.1), deployed: { isThere: false } },
    },
  });
  const inputsOf = (name: string) =>
    calls.flatMap(({ operation, input }) => (operation === name ? input : []));
  expect(inputsOf('CreateSolution')).toEqual(
    [
      ['recommender', 'user-personalization-v2'],
      ['popularity', 'popularity-count'],
    ].map(([name, recipe]) => ({
      name: `afterparty-local-${name}`,
      datasetGroupArn: `${ARN}:dataset-group/afterparty-local`,
      recipeArn: `arn:aws:personalize:::recipe/aws-${recipe}`,
      performAutoTraining: false,
    })),
  );
  expect(inputsOf('CreateCampaign')).toEqual([
    { name: 'afterparty-local-recommender', solutionVersionArn: `${RECOMMENDER}/new`, minProvisionedTPS: 1 },
  ]);
  const names = calls.map(({ operation }) => operation);
  expect(names.indexOf('CreateFilter')).toBeLessThan(names.indexOf('CreateCampaign'));
  expect(names).not.toContain('CreateDatasetImportJob');
  expect(names).not.toContain('UpdateCampaign');
});

test('tells the count whether it is the first time, since when Personalize is told, and what was asked', async () => {
  const events: unknown[] = [];
  const countInteractions = (event: unknown) => {
    events.push(event);
    return counted;
  };
  await machine.run({}, { countInteractions }, '{"repair":true}');
  await machine.run(
    { DescribeSolution: first(1, refuse('ResourceNotFoundException')) },
    { countInteractions },
  );
  const toldSince = '2023-11-14T22:13:20.000Z';
  expect(events).toEqual([
    expect.objectContaining({ isFirst: false, toldSince, asked: { repair: true } }),
    expect.objectContaining({ isFirst: true, toldSince, asked: {} }),
  ]);
});

test('ends well where there is not enough, and says what is missing', async () => {
  const few = { ...counted, interactions: 999, isEnough: false };
  const { status, output, calls } = await machine.run({}, { countInteractions: () => few });
  expect({ status, output }).toEqual({
    status: 'SUCCEEDED',
    output: {
      outcome: 'not-enough',
      notice: expect.stringContaining('so far there are 999 and 40.'),
      counted: few,
    },
  });
  expect(calls.filter(({ operation }) => operation.startsWith('Create'))).toEqual([]);
});

test('imports what the count says, in the role that may read it', async () => {
  const { output, calls } = await machine.run({}, withImports);
  expect(output).toMatchObject({ outcome: 'deployed' });
  expect(
    calls.flatMap(({ operation, input }) => (operation === 'CreateDatasetImportJob' ? input : [])),
  ).toEqual(
    imports.map(({ dataset, jobName, location }) => ({
      jobName,
      datasetArn: `${ARN}:dataset/afterparty-local/${dataset}`,
      dataSource: { dataLocation: location },
      roleArn: 'arn:aws:iam::000000000000:role/afterparty-local-recommender-role-eu-west-1',
      importMode: 'FULL',
    })),
  );
});

test('updates the campaign that is there', async () => {
  const { output, calls } = await machine.run(deployed);
  expect(output).toMatchObject({
    outcome: 'deployed',
    metrics: { deployed: { isThere: true, metrics: metricsOf(0.3) } },
  });
  expect(calls).toContainEqual({
    operation: 'UpdateCampaign',
    input: {
      campaignArn: `${ARN}:campaign/afterparty-local-recommender`,
      solutionVersionArn: `${RECOMMENDER}/new`,
      minProvisionedTPS: 1,
    },
  });
  expect(calls.map(({ operation }) => operation)).not.toContain('CreateCampaign');
});

test('deploys nothing that is worse than what is deployed, and says why', async () => {
  const { status, output, calls } = await machine.run({
    ...deployed,
    GetSolutionMetrics: ({ solutionVersionArn }) => ({
      solutionVersionArn,
      metrics: metricsOf(String(solutionVersionArn).endsWith('/old') ? 0.5 : 0.3),
    }),
  });
  expect({ status, output }).toMatchObject({
    status: 'SUCCEEDED',
    output: {
      outcome: 'refused',
      reasons: expect.arrayContaining([expect.stringContaining('at least 0.97 of 0.5')]),
    },
  });
  expect(calls.map(({ operation }) => operation)).not.toContain('UpdateCampaign');
});

describe('does not mind what is there already', () => {
  test.each(['CreateSolution', 'CreateFilter', 'CreateDatasetImportJob', 'CreateCampaign'])(
    'of %s',
    async (operation) => {
      const there = { [operation]: refuse('ResourceAlreadyExistsException') };
      const { output, calls } = await machine.run(there, withImports);
      expect(output).toMatchObject({ outcome: 'deployed' });
      if (operation === 'CreateCampaign')
        expect(calls.map((call) => call.operation)).toContain('UpdateCampaign');
    },
  );
});

/** Operations, and how many calls of each are spared: the machine makes them in several places. */
const CALLS = [
  ['DescribeDatasetGroup', 0],
  ['DescribeSolution', 0],
  ['DescribeSolution', 1],
  ['DescribeCampaign', 0],
  ['DescribeCampaign', 1],
  ['GetSolutionMetrics', 0],
  ['GetSolutionMetrics', 1],
  ['CreateDatasetImportJob', 0],
  ['DescribeDatasetImportJob', 0],
  ['CreateSolution', 0],
  ['CreateSolutionVersion', 0],
  ['DescribeSolutionVersion', 0],
  ['CreateFilter', 0],
  ['DescribeFilter', 0],
  ['CreateCampaign', 0],
  ['UpdateCampaign', 0],
] as const;
/** UpdateCampaign is for what is deployed. */
const deployedFor = (operation: string): Record<string, Answering> =>
  operation === 'CreateCampaign' ? {} : deployed;

describe.each(CALLS)('%s after %i calls', (operation, spared) => {
  const answers = deployedFor(operation);

  test.each(['ThrottlingException', 'ServiceUnavailable'])('is tried again after %s', async (code) => {
    const throttled = refusing(operation, code, spared, 2);
    const { output } = await machine.run({ ...answers, [operation]: throttled }, withImports);
    expect(output).toMatchObject({ outcome: 'deployed' });
  });

  test('ends the execution where Personalize says no, with what it said', async () => {
    const refused = refusing(operation, 'InvalidInputException', spared, 100);
    const { status, error, cause } = await machine.run({ ...answers, [operation]: refused }, withImports);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'Personalize.InvalidInputException' });
    expect(cause).toContain('InvalidInputException it is');
  });
});

/** The operation is refused so many times after so many calls; others are answered as by `deployedFor`. */
function refusing(operation: string, code: string, spared: number, times: number): Answering {
  const usual = deployedFor(operation)[operation];
  return ((input, nth) => {
    if (nth >= spared && nth < spared + times) throw refusal(code);
    return usual?.(input, nth < spared ? nth : nth - times);
  }) as Answering;
}

test.each([
  'CreateDatasetImportJob',
  'CreateSolution',
  'CreateSolutionVersion',
  'CreateFilter',
  'CreateCampaign',
  'UpdateCampaign',
])('%s waits for what is busy, or full', async (operation) => {
  for (const code of ['ResourceInUseException', 'LimitExceededException']) {
    const { output, seconds } = await machine.run(
      { ...deployedFor(operation), [operation]: refusing(operation, code, 0, 2) },
      withImports,
    );
    expect(output).toMatchObject({ outcome: 'deployed' });
    // Nothing is ready before 15 seconds have passed, five times; both of a Map may be refused at once.
    expect(seconds).toBeGreaterThanOrEqual(5 * 15 + 60);
  }
});

test('a version is not trained a second time where no answer came to the first', async () => {
  const { status, calls } = await machine.run({
    CreateSolutionVersion: () => {
      throw new Error('socket hang up');
    },
  });
  expect(status).toBe('FAILED');
  // One of each solution.
  expect(calls.filter(({ operation }) => operation === 'CreateSolutionVersion').length).toBeLessThanOrEqual(
    2,
  );
});

const WAITS = [
  ['DescribeDatasetImportJob', 'datasetImportJob', 'ImportFailed', 10_800],
  ['DescribeSolution', 'solution', 'SolutionFailed', 1_800],
  ['DescribeSolutionVersion', 'solutionVersion', 'TrainingFailed', 43_200],
  ['DescribeFilter', 'filter', 'FilterFailed', 1_800],
  ['DescribeCampaign', 'campaign', 'CampaignFailed', 10_800],
] as const;

describe.each(WAITS)('what %s tells', (operation, member, failure, seconds) => {
  const saying = (status: string, more = {}): Answering => {
    const answering: Answering = () => ({ [member]: { status, ...more } });
    if (operation !== 'DescribeCampaign') return answering;
    return (_, nth) => (nth === 0 ? refuse('ResourceNotFoundException')({}, 0) : answering({}, nth));
  };

  test('is waited for', async () => {
    let looks = 0;
    const answering: Answering = (input, nth) => {
      looks += 1;
      if (operation === 'DescribeCampaign' && nth > 4) {
        return { campaign: { status: 'ACTIVE', solutionVersionArn: `${RECOMMENDER}/new` } };
      }
      return nth > 4 ? { [member]: { status: 'ACTIVE' } } : saying('CREATE IN_PROGRESS')(input, nth);
    };
    const { output } = await machine.run({ [operation]: answering }, withImports);
    expect(output).toMatchObject({ outcome: 'deployed' });
    expect(looks).toBeGreaterThan(5);
  });

  test('ends the execution with the reason of a failure', async () => {
    const failed = saying('CREATE FAILED', { failureReason: 'bad luck' });
    const { status, error, cause } = await machine.run({ [operation]: failed }, withImports);
    expect({ status, error }).toEqual({ status: 'FAILED', error: failure });
    expect(cause).toMatch(/CREATE FAILED.*bad luck/);
  });

  test('is not waited for without an end', async () => {
    const ended = await machine.run({ [operation]: saying('CREATE IN_PROGRESS') }, withImports);
    expect(ended).toMatchObject({ status: 'FAILED', error: failure });
    expect(ended.seconds).toBeGreaterThan(seconds);
    expect(ended.seconds).toBeLessThan(seconds + 3_600);
    expect(ended.cause).toContain('CREATE IN_PROGRESS');
  });
});

test('a training that was stopped ends the execution', async () => {
  const { error, cause } = await machine.run({
    DescribeSolutionVersion: () => ({ solutionVersion: { status: 'CREATE STOPPED' } }),
  });
  expect(error).toBe('TrainingFailed');
  expect(cause).toContain('CREATE STOPPED');
});

test('an update of the campaign that fails ends the execution, and the campaign stays', async () => {
  const { error, cause } = await machine.run({
    ...deployed,
    DescribeCampaign: (_, nth) => ({
      campaign: {
        ...{ status: 'ACTIVE', solutionVersionArn: `${RECOMMENDER}/old` },
        ...(nth > 0 && { latestCampaignUpdate: { status: 'CREATE FAILED', failureReason: 'bad luck' } }),
      },
    }),
  });
  expect(error).toBe('CampaignFailed');
  expect(cause).toContain('bad luck');
});

test('nothing is trained for a campaign that could not be made', async () => {
  const { error, calls } = await machine.run({
    DescribeCampaign: () => ({ campaign: { status: 'CREATE FAILED', failureReason: 'bad luck' } }),
  });
  expect(error).toBe('CampaignFailed');
  expect(calls.map(({ operation }) => operation)).not.toContain('CreateSolutionVersion');
});

describe.each(['countInteractions', 'judgeVersion'])('%s', (lambda) => {
  const failing = (name: string, times: number) => {
    let tries = 0;
    return {
      [lambda]: (event: never) => {
        tries += 1;
        if (tries <= times) throw Object.assign(new Error('no good'), { name });
        return lambda === 'countInteractions' ? counted : judgeVersion(event);
      },
    };
  };

  test('is tried again after what passes', async () => {
    const { output } = await machine.run({}, failing('ThrottlingException', 2));
    expect(output).toMatchObject({ outcome: 'deployed' });
  });

  test('ends the execution where it cannot go on', async () => {
    const { status, error, cause } = await machine.run({}, failing('ZodError', 1));
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'ZodError' });
    expect(cause).toContain('no good');
  });
});

test('the longest waits of all together are over before the next execution starts', async () => {
  const late = (member: string, seconds: number): Answering => {
    const since = new Map<string, number>();
    return (input, nth) => {
      const subject = JSON.stringify(input);
      const looks = since.get(subject) ?? 0;
      since.set(subject, looks + 1);
      // The waits before a look are 15, 30, 45 ... seconds long.
      const isThere = (15 * looks * (looks + 1)) / 2 >= seconds;
      if (member === 'campaign' && nth === 0) return refuse('ResourceNotFoundException')({}, 0);
      return {
        [member]: {
          status: isThere ? 'ACTIVE' : 'CREATE IN_PROGRESS',
          ...(member === 'campaign' && { solutionVersionArn: `${RECOMMENDER}/new` }),
        },
      };
    };
  };
  const ended = await machine.run(
    Object.fromEntries(
      WAITS.map(([operation, member, , seconds]) => [operation, late(member, seconds - 1_200)]),
    ),
    withImports,
  );
  expect(ended.output).toMatchObject({ outcome: 'deployed' });
  expect(ended.seconds).toBeLessThan(23 * 3_600);
  // Step Functions Developer Guide, "Quotas": a history ends the execution at 25 000 events.
  expect(ended.events).toBeLessThan(5_000);
});

interface Scope {
  readonly States: Readonly<
    Record<
      string,
      {
        readonly Retry?: object[];
        readonly Catch?: { readonly ErrorEquals: string[] }[];
        readonly ItemProcessor?: Scope;
      }
    >
  >;
}

function possibleIn({ States }: Scope): string[] {
  return Object.entries(States).flatMap(([name, { Retry, Catch = [], ItemProcessor }]) => [
    `${name} entered`,
    ...(Retry ? [`${name} retried`] : []),
    ...Catch.map(({ ErrorEquals }) => `${name} caught ${ErrorEquals.join()}`),
    ...(ItemProcessor ? possibleIn(ItemProcessor) : []),
  ]);
}

test('every state was entered, every Retry and every Catch taken', () => {
  const file = join(import.meta.dirname, '..', '..', '..', 'statemachines', 'train-recommender.asl.json');
  const possible = possibleIn(JSON.parse(readFileSync(file, 'utf8')));
  const happened = new Set<string>();
  for (const one of machine.happened()) {
    const own = possible.includes(one);
    happened.add(own ? one : one.replace(/ caught .*/, ' caught States.ALL'));
  }
  expect(possible.filter((one) => !happened.has(one))).toEqual([]);
});
