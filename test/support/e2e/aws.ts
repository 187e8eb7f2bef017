import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { stack } from './stack.ts';

/** Clients of the SDK as the developer, who may do everything. */
export const s3 = new S3Client({ ...stack.clientConfig, forcePathStyle: true });
export const sqs = new SQSClient(stack.clientConfig);
export const sns = new SNSClient(stack.clientConfig);
export const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(stack.clientConfig));

export const MEDIA_BUCKET = 'afterparty-local-media-000000000000-eu-west-1';
export const TABLE = 'afterparty-local-table';
export const ACTIVITY_TOPIC_ARN = 'arn:aws:sns:eu-west-1:000000000000:afterparty-local-activity-topic';

/** The URL of one of the stack's queues, for example `uploads-queue`. */
export const queueUrl = (name: string) => `${stack.endpoint}/000000000000/afterparty-local-${name}`;

/** The keys of everything of a photo that the bucket holds, each version and delete marker once. */
export async function objectsOf(photoId: string): Promise<string[]> {
  const pages = await Promise.all(
    ['originals', 'renditions'].map((folder) =>
      s3.send(new ListObjectVersionsCommand({ Bucket: MEDIA_BUCKET, Prefix: `${folder}/${photoId}/` })),
    ),
  );
  return pages.flatMap(({ Versions = [], DeleteMarkers = [] }) =>
    [...Versions, ...DeleteMarkers].map(({ Key = '' }) => Key),
  );
}

/** Stores an object past every policy, as an operator with the right to can. */
export function putObject(key: string, bytes: Buffer) {
  return s3.send(new PutObjectCommand({ Bucket: MEDIA_BUCKET, Key: key, Body: bytes }));
}

/** Every item under a partition key. */
export async function itemsOf(pk: string): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: TABLE,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
    }),
  );
  return Items;
}

/** Makes a photo lie in the trash as if it had been put there so many days ago. */
export async function ageInTrash(photoId: string, days: number): Promise<void> {
  const [photo] = await itemsOf(`PHOTO#${photoId}`);
  const back = (time: unknown) => new Date(Date.parse(String(time)) - days * 86_400_000).toISOString();
  const [due] = String(photo?.gsi2sk).split('#');
  await dynamodb.send(
    new UpdateCommand({
      TableName: TABLE,
      Key: { pk: `PHOTO#${photoId}`, sk: 'PHOTO' },
      UpdateExpression: 'SET trashedAt = :then, gsi2sk = :due',
      ExpressionAttributeValues: { ':then': back(photo?.trashedAt), ':due': `${back(due)}#${photoId}` },
    }),
  );
}
