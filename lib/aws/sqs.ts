import { SQSClient } from '@aws-sdk/client-sqs';
import { tracer } from '../observe.ts';
import { quickly } from './quickly.ts';

export const sqs = tracer.captureAWSv3Client(new SQSClient(quickly({ requestTimeout: 5_000 })));
