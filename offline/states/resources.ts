import type { InternalCall, ServiceName } from '../contract.ts';
import { lowered as loweredMembers, raised as raisedMembers } from '../personalize/members.ts';
import type { StateOf } from './language.ts';

/** What a Task calls. */
export interface Integration {
  readonly service: ServiceName;
  readonly operation: string;
  /** What stands before an error's own name: `DynamoDB.ConditionalCheckFailedException`. */
  readonly prefix: string;
  /** Whether it is one of the AWS SDK integrations. */
  readonly isSdk: boolean;
  /** Members that the resource gives by itself. */
  readonly input: Readonly<Record<string, unknown>>;
  /** How the history names it. */
  readonly resourceType: string;
  readonly resource: string;
}

type Call = Parameters<InternalCall>[3];
type Members = Readonly<Record<string, unknown>>;

/** Step Functions Developer Guide, "Integrating services": optimized integrations, as far as they are offered. */
const OPTIMIZED: Readonly<Record<string, readonly [ServiceName, string, string]>> = {
  'lambda:invoke': ['lambda', 'Invoke', 'Lambda'],
  'sqs:sendMessage': ['sqs', 'SendMessage', 'SQS'],
  'sns:publish': ['sns', 'Publish', 'SNS'],
  'dynamodb:getItem': ['dynamodb', 'GetItem', 'DynamoDB'],
  'dynamodb:putItem': ['dynamodb', 'PutItem', 'DynamoDB'],
  'dynamodb:updateItem': ['dynamodb', 'UpdateItem', 'DynamoDB'],
  'dynamodb:deleteItem': ['dynamodb', 'DeleteItem', 'DynamoDB'],
  'states:startExecution': ['states', 'StartExecution', 'StepFunctions'],
};

/** AWS SDK integrations, by the service's name there, and what its errors begin with. */
const SDK: Readonly<Record<string, readonly [ServiceName, string]>> = {
  dynamodb: ['dynamodb', 'DynamoDb'],
  sqs: ['sqs', 'Sqs'],
  sns: ['sns', 'Sns'],
  lambda: ['lambda', 'Lambda'],
  sfn: ['states', 'Sfn'],
  secretsmanager: ['secretsmanager', 'SecretsManager'],
  personalize: ['personalize', 'Personalize'],
  firehose: ['firehose', 'Firehose'],
};

/**
 * What the `Resource` of a Task means.
 *
 * @throws Error where that is not offered, or names a function that is not in the stack
 */
export function integrationOf(
  { Resource, Parameters }: StateOf<'Task'>,
  functions: ReadonlySet<string>,
): Integration {
  if (Resource.startsWith('arn:aws:lambda:')) {
    expectFunction(Resource, functions);
    return {
      ...{ service: 'lambda', operation: 'Invoke', prefix: 'Lambda', isSdk: false },
      ...{ input: { FunctionName: Resource }, resourceType: 'lambda', resource: Resource },
    };
  }
  const [, name = '', pattern] = /^arn:aws:states:::([\w:-]+?)(\.\w+(?::\d)?)?$/.exec(Resource) ?? [];
  if (pattern) throw new Error(`${pattern} (waiting for a callback or a job) is not offered`);
  const optimized = OPTIMIZED[name];
  if (optimized) {
    const [service, operation, prefix] = optimized;
    if (service === 'lambda') expectNamed(Parameters, functions);
    return { service, operation, prefix, isSdk: false, input: {}, ...resourceOf(name) };
  }
  const [, sdk = '', action = ''] = /^aws-sdk:(\w+):(\w+)$/.exec(name) ?? [];
  const known = Object.hasOwn(SDK, sdk) ? SDK[sdk] : undefined;
  if (!known) throw new Error(`the resource ${Resource} is not offered`);
  const [service, prefix] = known;
  const operation = raised(action);
  return {
    service,
    operation,
    prefix,
    isSdk: true,
    input: {},
    resourceType: `aws-sdk:${sdk}`,
    resource: action,
  };
}

/** Whether the result of a task is what the function answers, without Lambda's own members around it. */
export function isBareFunction({ resource }: Integration): boolean {
  return resource.startsWith('arn:');
}

/** Members that may be given as JSON, and travel as its text. */
const TEXTS = ['MessageBody', 'Message', 'Input'];

/**
 * What the service is asked; a bare function gets its input as the event. Members are named as the AWS SDK for
 * Java names them, in capitals also where the API doesn't.
 */
export function inputOf(integration: Integration, payload: unknown): Call {
  if (isBareFunction(integration)) return { ...integration.input, Payload: payload };
  if (integration.service === 'personalize') return { ...(loweredMembers(payload) as Members) };
  const entries = Object.entries({ ...(payload as Members) }).map(([name, value]) => [
    integration.service === 'states' ? lowered(name) : name,
    TEXTS.includes(name) ? textOf(value) : value,
  ]);
  // Lambda hands an empty event to a function that is given none.
  const event = integration.service === 'lambda' ? { Payload: {} } : {};
  const input = { ...integration.input, ...event, ...Object.fromEntries(entries) };
  return integration.service === 'firehose' ? withBytes(input) : input;
}

/** The data of records is a text or JSON in a machine, and base64 of its bytes on the wire. */
function withBytes({ Record, Records, ...others }: Members): Members {
  const one = (record: unknown) => {
    const { Data } = (record ?? {}) as Members;
    return Data === undefined ? record : { Data: Buffer.from(textOf(Data)).toString('base64') };
  };
  return {
    ...others,
    ...(Record !== undefined && { Record: one(Record) }),
    ...(Records !== undefined && { Records: Array.isArray(Records) ? Records.map(one) : Records }),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What the task gives: dates are written out. */
export function outputOf({ service }: Integration, answer: Members): Members {
  if (service === 'personalize') return withDates(raisedMembers(answer)) as Members;
  if (service !== 'states') return answer;
  return Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [
      raised(name),
      name.endsWith('Date') ? new Date(1_000 * Number(value)).toISOString() : value,
    ]),
  );
}

/** Personalize nests its members, and dates among them. */
function withDates(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name.endsWith('DateTime') ? new Date(1_000 * Number(member)).toISOString() : withDates(member),
    ]),
  );
}

const lowered = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
const raised = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

function resourceOf(name: string): Pick<Integration, 'resourceType' | 'resource'> {
  const [resourceType = '', resource = ''] = name.split(':');
  return { resourceType, resource };
}

/** A name that a path gives is known only when the state runs. */
function expectNamed(parameters: unknown, functions: ReadonlySet<string>): void {
  const { FunctionName, ...others } = (parameters ?? {}) as Record<string, unknown>;
  if ('FunctionName.$' in others) return;
  if (typeof FunctionName !== 'string') throw new Error('expected Parameters.FunctionName');
  expectFunction(FunctionName, functions);
}

function expectFunction(reference: string, functions: ReadonlySet<string>): void {
  const known = [...functions].some((arn) => arn === reference || arn.endsWith(`:function:${reference}`));
  if (!known) throw new Error(`${reference} is no function of this stack`);
}
