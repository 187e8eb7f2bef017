import { SFNClient } from '@aws-sdk/client-sfn';
import { tracer } from '../observe.ts';
import { quickly } from './quickly.ts';

export const states = tracer.captureAWSv3Client(new SFNClient(quickly({ requestTimeout: 5_000 })));
