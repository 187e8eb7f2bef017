import { S3Client } from '@aws-sdk/client-s3';
import { tracer } from '../observe.ts';
import { quickly } from './quickly.ts';

/** The media bucket's client; 60 s because an original may have 200 MB. */
export const s3 = tracer.captureAWSv3Client(new S3Client(quickly({ requestTimeout: 60_000 })));
