import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { dynamodb, itemsOf, MEDIA_BUCKET, putObject, s3, TABLE } from './aws.ts';
import { stack } from './stack.ts';

/**
 * Makes a photo what it would be if its renditions had been made by another recipe: their names are hashes of it.
 * Answers the names that they had.
 */
export async function outdate(photoId: string): Promise<string[]> {
  const [photo] = await itemsOf(`PHOTO#${photoId}`);
  const renditions = photo?.renditions as { key: string }[];
  const older = renditions.map((rendition, i) => ({
    ...rendition,
    key: rendition.key.replace(/\/\w+\./, `/${i}0lder${Date.now()}.`),
  }));
  for (const [i, { key }] of renditions.entries()) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: MEDIA_BUCKET, Key: key }));
    await putObject(older[i]?.key as string, Buffer.from((await Body?.transformToByteArray()) ?? []));
  }
  await dynamodb.send(
    new UpdateCommand({
      TableName: TABLE,
      Key: { pk: `PHOTO#${photoId}`, sk: 'PHOTO' },
      UpdateExpression: 'SET renditions = :older',
      ExpressionAttributeValues: { ':older': older },
    }),
  );
  return renditions.map(({ key }) => key);
}

/** `npm run rerender -- --changed` beside the running stack; what it prints. */
export async function rerender(...options: string[]): Promise<string> {
  const script = join(import.meta.dirname, '..', '..', '..', 'scripts', 'rerender.ts');
  const env = { PATH: process.env.PATH, STATE_DIR: stack.stateDir };
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--changed', ...options], { env });
  return stdout;
}
