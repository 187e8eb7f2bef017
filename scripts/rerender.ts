import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Outdated } from '../lib/photos/outdated.ts';
import { runningStack } from './running-stack.ts';

/** New uploads wait in the same queue: this many messages at most are put before them. */
const MAX_WAITING = 100;
const LOOK_AGAIN_MS = 2_000;

/**
 * `npm run rerender -- --changed [--stage STAGE] [--dry-run]`: photos whose recipe, or whose image libraries, have
 * changed since their renditions were made are rendered again; nobody else. They stay `ready` meanwhile. Goes through
 * the table in calls of bounded length, and may be stopped and started again at any time: what is done is not done
 * again. Without a stage it means the stack that runs on this machine; with one, AWS and the credentials of the
 * environment.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      changed: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      stage: { type: 'string' },
      region: { type: 'string' },
    },
  });
  if (!values.changed)
    throw new Error('Expected --changed, as in "npm run rerender -- --changed --dry-run".');
  const stage = values.stage ?? 'local';
  const client = values.stage === undefined ? runningStack() : { region: values.region ?? 'eu-west-1' };
  const dryRun = values['dry-run'] ?? false;
  const [lambda, sqs] = [new LambdaClient(client), new SQSClient(client)];

  let found = 0;
  let tooSoon = 0;
  let from: string | undefined;
  do {
    if (!dryRun) await roomInQueue(sqs, `afterparty-${stage}-uploads-queue`);
    const part = await markOutdated(lambda, stage, { from, dryRun });
    for (const photoId of part.outdated) console.log(`  ${photoId}`);
    found += part.outdated.length;
    tooSoon += part.tooSoon;
    from = part.next;
  } while (from !== undefined);
  console.log(`${found} photos ${dryRun ? 'would be' : 'are being'} rendered again`);
  if (tooSoon > 0) console.log(`${tooSoon} more were a few minutes ago: ask again in half an hour`);
}

async function markOutdated(
  lambda: LambdaClient,
  stage: string,
  request: { readonly from: string | undefined; readonly dryRun: boolean },
): Promise<Outdated> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({
      FunctionName: `afterparty-${stage}-markOutdated`,
      Payload: JSON.stringify(request),
    }),
  );
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError) throw new Error(`markOutdated ended with ${FunctionError}: ${text}`);
  return JSON.parse(text) as Outdated;
}

async function roomInQueue(sqs: SQSClient, name: string): Promise<void> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
  const AttributeNames = ['ApproximateNumberOfMessages' as const];
  for (;;) {
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
    if (Number(Attributes?.ApproximateNumberOfMessages ?? 0) < MAX_WAITING) return;
    await setTimeout(LOOK_AGAIN_MS);
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
