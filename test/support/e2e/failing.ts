import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { itemsOf, TABLE } from './aws.ts';
import { stack } from './stack.ts';

const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(stack.clientConfig));

/** DynamoDB's limit for an item, in bytes. */
const LARGEST_ITEM = 400 * 1024;
/** Enough for another status, and too little for what is found out about a photo with its renditions. */
const ROOM_LEFT = 200;

/**
 * Fills the photo's item with something of no meaning until DynamoDB takes no renditions into it any more: a
 * failure that is no fault of the file, as long as it lasts. The answer takes it away again.
 */
export async function crowdOut(photoId: string): Promise<() => Promise<void>> {
  const write = async (UpdateExpression: string, values?: Record<string, string>) => {
    const Key = { pk: `PHOTO#${photoId}`, sk: 'PHOTO' };
    await dynamodb.send(
      new UpdateCommand({ TableName: TABLE, Key, UpdateExpression, ExpressionAttributeValues: values }),
    );
  };
  const [item] = await itemsOf(`PHOTO#${photoId}`);
  const size = LARGEST_ITEM - ROOM_LEFT - JSON.stringify(item).length;
  await write('SET crowd = :crowd', { ':crowd': 'x'.repeat(size) });
  return () => write('REMOVE crowd');
}

/** `npm run redrive` beside the running stack; what it prints. */
export async function redrive(): Promise<string> {
  const script = join(import.meta.dirname, '..', '..', '..', 'scripts', 'redrive.ts');
  const env = { PATH: process.env.PATH, STATE_DIR: stack.stateDir };
  const { stdout } = await promisify(execFile)(process.execPath, [script], { env });
  await stack.idle();
  return stdout;
}
