import { once } from 'node:events';
import { cpus } from 'node:os';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Clock } from '../offline/clock.ts';
import type { Call, Engine } from '../offline/contract.ts';
import { Faults } from '../offline/fault/faults.ts';
import type { Fault } from '../offline/gateway/fault.ts';
import type { Permission } from '../offline/gateway/permission.ts';
import { CallRecord } from '../offline/gateway/record.ts';
import { startJudged } from '../test/support/permission-gateway.ts';
import { roleWith, writer } from '../test/support/permission-stack.ts';
import type { Order } from './gateway/client.ts';
import { inputs, type Operation } from './gateway/operations.ts';

/**
 * `npm run bench:gateway [-- --ms 1500]`: requests a second through the gateway, asked by the SDK's clients from a
 * thread of their own, beside the engine alone, called in process; and what each stage costs a call. Rounds of
 * both are interleaved.
 */

const { values } = parseArgs({ options: { ms: { type: 'string', default: '1500' } } });
const roundMs = Number(values.ms);
if (!(roundMs >= 100)) throw new Error(`Expected milliseconds from 100 for --ms, got ${values.ms}.`);

/** Time that a stage took by itself, in all calls. */
class Meter {
  ms = 0;
  calls = 0;

  during<Result>(work: () => Result): Result {
    const from = performance.now();
    try {
      return work();
    } finally {
      this.ms += performance.now() - from;
      this.calls++;
    }
  }

  get microseconds(): string {
    return ((1_000 * this.ms) / this.calls).toFixed(1);
  }
}

const permissionCost = new Meter();
const faultCost = new Meter();
const clock = new Clock();
const faults = new Faults({ clock, seed: 1, hindsightMs: 0 });
const fault: Fault = {
  apply(call, next, needs) {
    const from = performance.now();
    const entered = (met: Call) => {
      // Only what comes before the next stage is the fault stage's.
      faultCost.ms += performance.now() - from;
      faultCost.calls++;
      return next(met);
    };
    return faults.apply(call, entered, needs);
  },
};
const timed = (permission: Permission): Permission => ({
  check: (call, needs) => permissionCost.during(() => permission.check(call, needs)),
});

const aws = await startJudged(
  {
    WriterRole: roleWith(...statements()),
    Delivery: {
      Type: 'AWS::SNS::Subscription',
      Properties: {
        Protocol: 'sqs',
        TopicArn: { Ref: 'Activity' },
        Endpoint: { 'Fn::GetAtt': ['Uploads', 'Arn'] },
      },
    },
    Delivering: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Uploads' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'sns.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: { 'Fn::GetAtt': ['Uploads', 'Arn'] },
              Condition: { ArnEquals: { 'aws:SourceArn': { Ref: 'Activity' } } },
            },
          ],
        },
      },
    },
  },
  { fault, wrapped: timed },
);
const client = new Worker(new URL('./gateway/client.ts', import.meta.url), {
  workerData: { config: aws.configOf(), endpoint: aws.endpoint },
});

/** Fourteen, as many as the largest role of the service has, with those last that are needed. */
function statements() {
  const others = Array.from({ length: 9 }, (_, place) => ({
    Effect: 'Allow' as const,
    Action: [`sqs:Action${place}`, 's3:GetObject'],
    Resource: `arn:aws:sqs:eu-west-1:000000000000:queue-${place}`,
  }));
  const table = 'arn:aws:dynamodb:eu-west-1:000000000000:table/things';
  return [
    ...others,
    { Effect: 'Allow' as const, Action: ['dynamodb:PutItem', 'dynamodb:GetItem'], Resource: table },
    { Effect: 'Allow' as const, Action: ['dynamodb:Query'], Resource: `${table}/index/*` },
    { Effect: 'Allow' as const, Action: ['s3:PutObject', 's3:GetObject'], Resource: 'arn:aws:s3:::media/*' },
    {
      Effect: 'Allow' as const,
      Action: ['sqs:SendMessage'],
      Resource: 'arn:aws:sqs:eu-west-1:000000000000:uploads',
    },
    {
      Effect: 'Allow' as const,
      Action: ['sns:Publish'],
      Resource: 'arn:aws:sns:eu-west-1:000000000000:activity',
    },
  ];
}

async function throughGateway(
  operation: Operation,
  connections: number,
): Promise<{ rate: number; cpuMs: number }> {
  const order: Order = { operation, connections, ms: roundMs };
  const before = process.threadCpuUsage();
  client.postMessage(order);
  const [{ done, ms }] = (await once(client, 'message')) as [{ done: number; ms: number }];
  const { user, system } = process.threadCpuUsage(before);
  return { rate: (1_000 * done) / ms, cpuMs: (user + system) / 1_000 / done };
}

async function engineAlone(operation: Operation): Promise<{ rate: number; cpuMs: number }> {
  const before = process.threadCpuUsage();
  const from = performance.now();
  let done = 0;
  while (performance.now() - from < roundMs / 2) {
    const answer = await engineOf(operation).handle(callOf(operation, done++));
    if ('body' in answer && answer.body instanceof Readable) for await (const _ of answer.body);
  }
  const { user, system } = process.threadCpuUsage(before);
  return { rate: (1_000 * done) / (performance.now() - from), cpuMs: (user + system) / 1_000 / done };
}

function engineOf(operation: Operation): Engine {
  const service = operation.split(' ')[0]?.toLowerCase();
  return aws.engines.find((engine) => engine.service === service) as Engine;
}

function callOf(operation: Operation, place: number): Call {
  return {
    id: String(place),
    principal: writer,
    service: engineOf(operation).service,
    operation: operation.split(' ')[1] as string,
    input: inputs[operation](aws.endpoint, place),
    signal: new AbortController().signal,
  };
}

/** Ten faults that no call here meets. */
function tenFaults(): void {
  const effect = { kind: 'throttle' } as const;
  const rule = { service: 'dynamodb', caller: 'reader', probability: 1, after: 0, effect } as const;
  faults.set(Array.from({ length: 10 }, (_, place) => ({ ...rule, name: `fault-${place}` })));
}

const operations = Object.keys(inputs) as Operation[];
for (const operation of operations) await throughGateway(operation, 4);

console.log(`${cpus().length} cores, Node ${process.version}, ${roundMs} ms a figure; calls a second\n`);
console.log(
  'operation'.padEnd(34),
  '1 client',
  '16 clients',
  'engine alone',
  'gateway ms of CPU a call more than engine',
);
let most = 0;
for (const operation of operations) {
  const one = await throughGateway(operation, 1);
  const alone = await engineAlone(operation);
  const many = await throughGateway(operation, 16);
  const aloneAgain = await engineAlone(operation);
  const around = many.cpuMs - (alone.cpuMs + aloneAgain.cpuMs) / 2;
  if (!operation.includes('MB')) most = Math.max(most, around);
  const rates = [one.rate, many.rate, (alone.rate + aloneAgain.rate) / 2].map((rate) => rate.toFixed(0));
  console.log(
    operation.padEnd(34),
    rates[0]?.padStart(8),
    rates[1]?.padStart(10),
    rates[2]?.padStart(12),
    around.toFixed(2).padStart(12),
  );
}

const reports = [['permission, a role of 14 statements', permissionCost.microseconds]];
reports.push(['fault, off', faultCost.microseconds]);
Object.assign(faultCost, { ms: 0, calls: 0 });
tenFaults();
await throughGateway('DynamoDB GetItem', 16);
reports.push(['fault, ten that are not met', faultCost.microseconds]);
const recording = new Meter();
const record = new CallRecord(clock);
const call = callOf('DynamoDB GetItem', 1);
for (let n = 0; n < 20_000; n++) recording.during(() => record.noteRefused(call, [], new Error('none')));
reports.push(['record, in memory', recording.microseconds]);
console.log('\nmicroseconds a call');
for (const [stage, cost] of reports) console.log(String(stage).padEnd(38), String(cost).padStart(6));
console.log(
  `HTTP, protocol and all stages together: at most ${most.toFixed(2)} ms of CPU a call (1 MB uploads apart)`,
);

await client.terminate();
await aws.stop();
