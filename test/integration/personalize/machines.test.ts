import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, expect, test } from 'vitest';
import { createStatesEngine, type StatesEngine } from '../../../offline/states/engine.ts';
import { machine, machineArn, machineRole } from '../../support/machines.ts';
import type { GivenStatement } from '../../support/permission.ts';
import { arnOf, type Personalized, photosResources, startPersonalize } from '../../support/personalize.ts';

const ask = (operation: string, Parameters: object, more: object) => ({
  ...{ Type: 'Task', Resource: `arn:aws:states:::aws-sdk:personalize:${operation}`, Parameters },
  ...more,
});

/** Makes a filter, and waits until it can be used. */
const definition = {
  StartAt: 'Create',
  States: {
    Create: ask(
      'createFilter',
      {
        ...{ Name: 'unseen', DatasetGroupArn: arnOf('dataset-group/photos') },
        FilterExpression: 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("view")',
      },
      {
        Catch: [{ ErrorEquals: ['Personalize.ResourceAlreadyExistsException'], Next: 'Again' }],
        Next: 'Wait',
      },
    ),
    Again: { Type: 'Pass', Result: 'it is there', End: true },
    Wait: { Type: 'Wait', Seconds: 2, Next: 'Describe' },
    Describe: ask(
      'describeFilter',
      { 'FilterArn.$': '$.FilterArn' },
      { ResultPath: '$.Described', Next: 'IsDone' },
    ),
    IsDone: {
      Type: 'Choice',
      Choices: [{ Variable: '$.Described.Filter.Status', StringEquals: 'ACTIVE', Next: 'Done' }],
      Default: 'Wait',
    },
    Done: { Type: 'Succeed' },
  },
};

let stand: Personalized | undefined;
afterEach(async () => {
  await stand?.stop();
});

async function run(...statements: GivenStatement[]) {
  let states: StatesEngine | undefined;
  const resources = {
    ...photosResources,
    MachineRole: machineRole(...statements),
    Machine: machine(definition, { StateMachineName: 'train' }),
  };
  stand = await startPersonalize(resources, {
    beside: (context, stack) => {
      states = createStatesEngine(context, stack);
      return [states];
    },
  });
  const { clock, clientConfig } = stand;
  const sfn = new SFNClient({ ...clientConfig, maxAttempts: 2 });
  return async () => {
    const { executionArn } = await sfn.send(
      new StartExecutionCommand({ stateMachineArn: machineArn('train') }),
    );
    for (let second = 0; second < 10; second += 1) {
      await states?.idle();
      await clock.advance(1_000);
    }
    await states?.idle();
    return sfn.send(new DescribeExecutionCommand({ executionArn }));
  };
}

test('a machine makes something, follows its status, and catches that it is there', async () => {
  const execute = await run();
  const { status, output = '{}' } = await execute();
  expect(status).toBe('SUCCEEDED');
  expect(JSON.parse(output)).toMatchObject({
    FilterArn: arnOf('filter/unseen'),
    Described: {
      Filter: {
        ...{ Name: 'unseen', Status: 'ACTIVE' },
        CreationDateTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      },
    },
  });
  expect(await execute()).toMatchObject({ status: 'SUCCEEDED', output: '"it is there"' });
});

test('a machine may do what its role allows', async () => {
  const execute = await run({ Action: 'personalize:DescribeFilter' });
  const { status, error, cause } = await execute();
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'Personalize.PersonalizeException' });
  expect(cause).toContain('is not authorized to perform: personalize:CreateFilter');
});
