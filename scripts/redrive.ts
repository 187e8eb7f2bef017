import { parseArgs } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { runningStack } from './running-stack.ts';

/** Queues whose dead letters are plain messages; those of the uploads queue have become failed photos. */
const QUEUES = ['feed', 'inbox', 'removals', 'edits', 'clicks', 'learning'];

/**
 * `npm run redrive [-- --stage STAGE]`: what was given up is tried again. Failed photos go back to
 * `processing`, and dead letters of the other queues back to their queues. Without a stage it means the
 * stack that runs on this machine; with one, AWS and the credentials of the environment.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { stage: { type: 'string' }, region: { type: 'string' } } });
  const stage = values.stage ?? 'local';
  const client = values.stage === undefined ? runningStack() : { region: values.region ?? 'eu-west-1' };

  const photos = await retryFailedPhotos(new LambdaClient(client), stage);
  console.log(`${photos.length} failed photos go back to work${photos.map((id) => `\n  ${id}`).join('')}`);

  const sqs = new SQSClient(client);
  for (const queue of QUEUES) {
    const count = await moveDeadLetters(sqs, `afterparty-${stage}-${queue}-dead-letter-queue`);
    console.log(`${count} dead letters go back to the ${queue} queue`);
  }
}

async function retryFailedPhotos(lambda: LambdaClient, stage: string): Promise<string[]> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: `afterparty-${stage}-retryFailed`, Payload: '{}' }),
  );
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError) throw new Error(`retryFailed ended with ${FunctionError}: ${text}`);
  return (JSON.parse(text) as { retried: string[] }).retried;
}

async function moveDeadLetters(sqs: SQSClient, name: string): Promise<number> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', 'ApproximateNumberOfMessages'] }),
  );
  const count = Number(Attributes?.ApproximateNumberOfMessages ?? 0);
  const SourceArn = Attributes?.QueueArn ?? '';
  // What SNS could not deliver does not know which queue it was for.
  const DestinationArn = SourceArn.replace(/-dead-letter-queue$/, '-queue');
  if (count > 0) await sqs.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn }));
  return count;
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
