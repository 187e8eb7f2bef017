import { SNSClient } from '@aws-sdk/client-sns';
import { tracer } from '../observe.ts';
import { quickly } from './quickly.ts';

export const sns = tracer.captureAWSv3Client(new SNSClient(quickly({ requestTimeout: 5_000 })));
