import {
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  DynamoDBClient,
  DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient, LambdaServiceException } from '@aws-sdk/client-lambda';
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import {
  GetSecretValueCommand,
  SecretsManagerClient,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager';
import { AuthorizationErrorException, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient, SQSServiceException } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JudgedGateway, startJudged } from '../../support/permission-gateway.ts';
import { arns, developer, reader, roleWith } from '../../support/permission-stack.ts';

const People = { Type: 'AWS::Cognito::UserPool', Properties: { UserPoolName: 'people' } };

let aws: JudgedGateway;
let secretId = '';

beforeAll(async () => {
  aws = await startJudged({
    People,
    WriterRole: roleWith(
      { Action: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject'], Resource: `${arns.media}/own/*` },
      { Action: 's3:ListBucket', Resource: arns.media, Condition: { StringLike: { 's3:prefix': 'own/*' } } },
      { Action: 'dynamodb:PutItem', Resource: arns.table },
    ),
    ReaderRole: roleWith({
      Action: ['s3:GetObject', 's3:ListBucket'],
      Resource: [arns.media, `${arns.media}/*`],
    }),
  });
  secretId = aws.stack.resources.find(({ logicalId }) => logicalId === 'Cursor')?.arn ?? '';
});
afterAll(() => aws.stop());

const key = (pk: string) => ({ pk: { S: pk }, sk: { S: 'x' } });

describe('each client knows a denial by its own error:', () => {
  const session =
    /^User: arn:aws:sts::000000000000:assumed-role\/test-WriterRole-\w+\/writer is not authorized to perform: /;

  test.each<[string, () => Promise<unknown>, { name: string; type?: unknown; status: number }]>([
    [
      'S3',
      () => s3().send(new GetObjectCommand({ Bucket: 'media', Key: 'other/a' })),
      { name: 'AccessDenied', type: S3ServiceException, status: 403 },
    ],
    [
      'DynamoDB',
      () => dynamodb().send(new GetItemCommand({ TableName: 'things', Key: key('a') })),
      { name: 'AccessDeniedException', type: DynamoDBServiceException, status: 400 },
    ],
    [
      'SQS',
      () =>
        sqs().send(
          new SendMessageCommand({ QueueUrl: `${aws.endpoint}/000000000000/uploads`, MessageBody: 'x' }),
        ),
      { name: 'AccessDenied', type: SQSServiceException, status: 403 },
    ],
    [
      'SNS',
      () => sns().send(new PublishCommand({ TopicArn: arns.activity, Message: 'x' })),
      { name: 'AuthorizationErrorException', type: AuthorizationErrorException, status: 403 },
    ],
    [
      'Lambda',
      () => lambda().send(new InvokeCommand({ FunctionName: 'reader' })),
      { name: 'AccessDeniedException', type: LambdaServiceException, status: 403 },
    ],
    [
      'Secrets Manager',
      () => secrets().send(new GetSecretValueCommand({ SecretId: secretId })),
      { name: 'AccessDeniedException', type: SecretsManagerServiceException, status: 400 },
    ],
    [
      'Cognito',
      () => cognito().send(new AdminGetUserCommand({ UserPoolId: 'eu-west-1_x', Username: 'ana' })),
      { name: 'AccessDeniedException', status: 400 },
    ],
  ])('%s', async (_service, call, { name, type, status }) => {
    const error = await call().catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name,
      message: expect.stringMatching(session),
      $metadata: { httpStatusCode: status },
    });
    if (type) expect(error).toBeInstanceOf(type);
  });

  test('S3 to a HEAD without a body', async () => {
    const head = s3().send(new HeadObjectCommand({ Bucket: 'media', Key: 'other/a' }));
    await expect(head).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });

  test('and the record has what was refused to whom', () => {
    const refused = aws.gateway.record.read().filter(({ result }) => result !== 'ok');
    expect(refused).toContainEqual(
      expect.objectContaining({
        principal: expect.objectContaining({ name: 'writer' }),
        needs: [{ action: 'sqs:SendMessage', resource: arns.uploads }],
        result: 'AccessDenied',
      }),
    );
  });
});

describe('a call that needs several rights', () => {
  test('is refused whole where one is missing', async () => {
    const put = { Put: { TableName: 'things', Item: key('t1') } };
    const remove = { Delete: { TableName: 'things', Key: key('t2') } };
    await dynamodb().send(new TransactWriteItemsCommand({ TransactItems: [put] }));
    await expect(
      dynamodb().send(new TransactWriteItemsCommand({ TransactItems: [put, remove] })),
    ).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('dynamodb:DeleteItem'),
    });
    await dynamodb().send(new PutItemCommand({ TableName: 'things', Item: key('t3') }));
  });

  test('copies only what may be read', async () => {
    await s3(developer).send(new PutObjectCommand({ Bucket: 'media', Key: 'other/secret', Body: 'x' }));
    const copy = (CopySource: string) =>
      s3().send(new CopyObjectCommand({ Bucket: 'media', Key: 'own/copy', CopySource }));
    await expect(copy('media/other/secret')).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('s3:GetObject on resource: "arn:aws:s3:::media/other/secret"'),
    });
    await s3().send(new PutObjectCommand({ Bucket: 'media', Key: 'own/a', Body: 'x' }));
    await copy('media/own/a');
  });

  test('deletes of many keys those that it may', async () => {
    await s3().send(new PutObjectCommand({ Bucket: 'media', Key: 'own/gone', Body: 'x' }));
    const { Deleted, Errors } = await s3().send(
      new DeleteObjectsCommand({
        Bucket: 'media',
        Delete: { Objects: [{ Key: 'own/gone' }, { Key: 'other/secret' }] },
      }),
    );
    expect(Deleted?.map(({ Key }) => Key)).toEqual(['own/gone']);
    expect(Errors).toEqual([expect.objectContaining({ Key: 'other/secret', Code: 'AccessDenied' })]);
  });

  test('lists the folder that its condition names', async () => {
    const list = (Prefix?: string) => s3().send(new ListObjectsV2Command({ Bucket: 'media', Prefix }));
    expect((await list('own/a')).KeyCount).toBe(1);
    await expect(list('other/')).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(list()).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('an object that isn’t there', () => {
  const missing = { Bucket: 'media', Key: 'own/missing' };

  test('is forbidden to who may not list the bucket', async () => {
    await expect(s3().send(new GetObjectCommand(missing))).rejects.toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(s3().send(new HeadObjectCommand(missing))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    const copy = new CopyObjectCommand({ Bucket: 'media', Key: 'own/copy', CopySource: 'media/own/missing' });
    await expect(s3().send(copy)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('is missing to who may', async () => {
    await expect(s3(reader).send(new GetObjectCommand(missing))).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(s3(reader).send(new HeadObjectCommand(missing))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 404 },
    });
    await expect(s3(developer).send(new GetObjectCommand(missing))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
  });
});

const s3 = (...who: Parameters<JudgedGateway['configOf']>) => new S3Client(aws.configOf(...who));
const dynamodb = () => new DynamoDBClient(aws.configOf());
const sqs = () => new SQSClient(aws.configOf());
const sns = () => new SNSClient(aws.configOf());
const lambda = () => new LambdaClient(aws.configOf());
const secrets = () => new SecretsManagerClient(aws.configOf());
const cognito = () => new CognitoIdentityProviderClient(aws.configOf());
