import { FirehoseClient } from '@aws-sdk/client-firehose';
import { tracer } from '../observe.ts';
import { quickly } from './quickly.ts';

export const firehose = tracer.captureAWSv3Client(new FirehoseClient(quickly({ requestTimeout: 5_000 })));
