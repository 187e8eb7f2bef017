import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Context, type Principal, ServiceError } from '../contract.ts';
import { JobFailed } from './errors.ts';

interface ListAnswer {
  readonly Contents?: readonly { readonly Key: string; readonly Size: number }[];
  readonly IsTruncated?: boolean;
  readonly NextContinuationToken?: string;
}

/**
 * The files at a place in S3: one object, or those right in a folder where the place ends with a slash. The role has to
 * allow the reading, and so has the bucket's policy to Personalize itself: Developer Guide, "Giving Amazon Personalize
 * access to Amazon S3 resources".
 * @param location `s3://bucket/key` or `s3://bucket/folder/`
 * @param jobArn what reads
 * @throws JobFailed where one of them doesn't, or there is nothing
 */
export async function* filesAt(
  context: Context,
  location: string,
  roleArn: string,
  jobArn: string,
): AsyncGenerator<{ readonly key: string; readonly text: string }> {
  const [, Bucket = '', path = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(location) ?? [];
  const as =
    (sourceArn: string, giver: string) => async (operation: string, input: Record<string, unknown>) => {
      const principal: Principal = { kind: 'service', name: 'personalize.amazonaws.com', sourceArn };
      try {
        return await context.call(principal, 's3', operation, { Bucket, ...input });
      } catch (error) {
        throw new JobFailed(reasonOf(error, location, giver));
      }
    };
  const inRole = as(roleArn, `the role ${roleArn}`);
  const byPolicy = as(jobArn, `the policy of the bucket ${Bucket}, for personalize.amazonaws.com`);
  await byPolicy('ListObjectsV2', { Prefix: path, MaxKeys: 1 });
  let found = false;
  for await (const key of keysOf(path, (input) => inRole('ListObjectsV2', input))) {
    found = true;
    await byPolicy('HeadObject', { Key: key });
    const { Body } = await inRole('GetObject', { Key: key });
    yield { key, text: await text(Body as Readable) };
  }
  if (!found) throw new JobFailed(`Invalid data location: there is no file at ${location}.`);
}

async function* keysOf(
  path: string,
  list: (input: Record<string, unknown>) => Promise<ListAnswer>,
): AsyncGenerator<string> {
  const isFolder = path === '' || path.endsWith('/');
  let token: string | undefined;
  do {
    const answer = await list({
      ...{ Prefix: path, Delimiter: '/' },
      ...(token !== undefined && { ContinuationToken: token }),
    });
    for (const { Key, Size } of answer.Contents ?? []) if (isFolder ? Size > 0 : Key === path) yield Key;
    token = answer.IsTruncated ? answer.NextContinuationToken : undefined;
  } while (token !== undefined);
}

function reasonOf(error: unknown, location: string, giver: string): string {
  if (!(error instanceof ServiceError)) return String(error);
  if (error.status === 403) {
    return `Insufficient privileges for accessing data in S3: ${giver} does not allow it. ${error.message}`;
  }
  return `Invalid data location: ${location}: ${error.message}`;
}
