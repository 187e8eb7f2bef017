import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { tracer } from '../observe.ts';
import { quickly } from './quickly.ts';

/** The media bucket's client; 60 s because an original may have 200 MB. */
export const s3 = tracer.captureAWSv3Client(new S3Client(quickly({ requestTimeout: 60_000 })));

/** Whether S3 says that there is no such object: as 403 to those who may not list the bucket. */
export function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && [403, 404].includes(error.$metadata.httpStatusCode ?? 0);
}
