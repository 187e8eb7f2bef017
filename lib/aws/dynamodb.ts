import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { tracer } from '../observe.ts';
import { quickly } from './quickly.ts';

/** The table's client. DynamoDB answers in milliseconds, so a silent connection is dropped early. */
export const dynamodb = DynamoDBDocumentClient.from(
  tracer.captureAWSv3Client(new DynamoDBClient(quickly({ requestTimeout: 3_000 }))),
  { marshallOptions: { removeUndefinedValues: true } },
);
