import { InvokeCommand, LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ServiceError } from '../../../offline/contract.ts';
import { echoEngine } from '../../support/echo-engine.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;
let lambda: LambdaClient;

beforeAll(async () => {
  const engine = echoEngine('lambda', ({ input }) => {
    if (input.FunctionName === 'nobody')
      throw new ServiceError('ResourceNotFoundException', 'Function not found', 404);
    if (input.InvocationType === 'Event') return { output: { StatusCode: 202 } };
    if (input.FunctionName === 'broken') {
      return { output: { StatusCode: 200, FunctionError: 'Unhandled', Payload: { errorType: 'TypeError' } } };
    }
    return { output: { StatusCode: 200, Payload: { got: input.Payload } } };
  });
  gateway = await startTestGateway(() => [engine]);
  lambda = new LambdaClient(gateway.clientConfig);
});

afterAll(() => gateway.stop());

const invoke = async (FunctionName: string, more = {}) => {
  const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: '{"n":1}', ...more }));
  const text = Buffer.from(answer.Payload ?? []).toString();
  return { status: answer.StatusCode, error: answer.FunctionError, payload: text && JSON.parse(text) };
};

it('invokes a function by name with its event and answers what it returned', async () => {
  expect(await invoke('photos')).toEqual({ status: 200, error: undefined, payload: { got: { n: 1 } } });
});

it('takes an ARN for a name', async () => {
  const answer = await invoke('arn:aws:lambda:eu-west-1:000000000000:function:photos');
  expect(answer).toMatchObject({ status: 200 });
});

it('tells that a function failed, and how', async () => {
  expect(await invoke('broken')).toMatchObject({ error: 'Unhandled', payload: { errorType: 'TypeError' } });
});

it('only accepts an event that nobody waits for', async () => {
  expect(await invoke('photos', { InvocationType: 'Event' })).toMatchObject({ status: 202, payload: '' });
});

it('names the error of a function that is not there', async () => {
  await expect(invoke('nobody')).rejects.toBeInstanceOf(ResourceNotFoundException);
});
