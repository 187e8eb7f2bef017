import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../../offline/contract.ts';
import { s3AddressOf } from '../../../offline/s3/address.ts';
import { s3Needs } from '../../../offline/s3/needs.ts';

function needs(
  method: string,
  url: string,
  headers: Record<string, string> = {},
  more: object = {},
): string[] {
  const [rawPath = '', rawQuery = ''] = url.split('?');
  const { operation, input } = s3AddressOf(method, rawPath, rawQuery, headers);
  const call: Call = {
    id: 'id',
    principal: { kind: 'developer', arn: 'arn:aws:iam::000000000000:user/developer' },
    service: 's3',
    operation,
    input: { ...input, ...more },
    http: { method, rawPath, rawQuery, headers, body: Readable.from([]), trailers: {} },
    signal: new AbortController().signal,
  };
  return s3Needs(call, ({ key }) => key === 'tagged').map(({ action, resource }) => `${action} ${resource}`);
}

const bucket = 'arn:aws:s3:::b';
const object = `${bucket}/k/1`;

describe('a call needs', () => {
  test.each([
    ['GET', '/', ['s3:ListAllMyBuckets *']],
    ['GET', '/b', [`s3:ListBucket ${bucket}`]],
    ['GET', '/b?list-type=2', [`s3:ListBucket ${bucket}`]],
    ['GET', '/b?versions', [`s3:ListBucketVersions ${bucket}`]],
    ['GET', '/b?uploads', [`s3:ListBucketMultipartUploads ${bucket}`]],
    ['HEAD', '/b', [`s3:ListBucket ${bucket}`]],
    ['GET', '/b?location', [`s3:GetBucketLocation ${bucket}`]],
    ['PUT', '/b?versioning', [`s3:PutBucketVersioning ${bucket}`]],
    ['GET', '/b?publicAccessBlock', [`s3:GetBucketPublicAccessBlock ${bucket}`]],
    ['GET', '/b/k/1', [`s3:GetObject ${object}`]],
    ['HEAD', '/b/k/1', [`s3:GetObject ${object}`]],
    ['GET', '/b/k/1?versionId=v', [`s3:GetObjectVersion ${object}`]],
    ['HEAD', '/b/k/1?versionId=v', [`s3:GetObjectVersion ${object}`]],
    ['DELETE', '/b/k/1', [`s3:DeleteObject ${object}`]],
    ['DELETE', '/b/k/1?versionId=v', [`s3:DeleteObjectVersion ${object}`]],
    ['PUT', '/b/k/1', [`s3:PutObject ${object}`]],
    ['GET', '/b/k/1?tagging', [`s3:GetObjectTagging ${object}`]],
    ['PUT', '/b/k/1?tagging&versionId=v', [`s3:PutObjectVersionTagging ${object}`]],
    ['GET', '/b/k/1?attributes', [`s3:GetObject ${object}`, `s3:GetObjectAttributes ${object}`]],
    ['POST', '/b/k/1?uploads', [`s3:PutObject ${object}`]],
    ['PUT', '/b/k/1?uploadId=u&partNumber=1', [`s3:PutObject ${object}`]],
    ['POST', '/b/k/1?uploadId=u', [`s3:PutObject ${object}`]],
    ['DELETE', '/b/k/1?uploadId=u', [`s3:AbortMultipartUpload ${object}`]],
    ['GET', '/b/k/1?uploadId=u', [`s3:ListMultipartUploadParts ${object}`]],
    ['OPTIONS', '/b/k/1', []],
    ['POST', '/b?delete', []],
  ])('%s %s: %j', (method, url, expected) => {
    expect(needs(method, url)).toEqual(expected);
  });

  test('the right to tag where it sets tags', () => {
    const both = [`s3:PutObject ${object}`, `s3:PutObjectTagging ${object}`];
    expect(needs('PUT', '/b/k/1', { 'x-amz-tagging': 'a=b' })).toEqual(both);
    expect(needs('PUT', '/b/k/1?x-amz-tagging=a%3Db')).toEqual(both);
    expect(needs('POST', '/b', {}, { Key: 'k/1', Fields: { tagging: '<Tagging/>' } })).toEqual(both);
    expect(needs('POST', '/b', {}, { Key: 'k/1', Fields: {} })).toEqual([`s3:PutObject ${object}`]);
  });

  test('the right to set access control lists where it sets one', () => {
    const both = [`s3:PutObject ${object}`, `s3:PutObjectAcl ${object}`];
    expect(needs('PUT', '/b/k/1', { 'x-amz-acl': 'private' })).toEqual(both);
    expect(needs('PUT', '/b/k/1?x-amz-acl=private')).toEqual(both);
    expect(needs('POST', '/b/k/1?uploads', { 'x-amz-grant-read': 'id=1' })).toEqual(both);
    expect(needs('POST', '/b', {}, { Key: 'k/1', Fields: { acl: 'private' } })).toEqual(both);
    expect(needs('GET', '/b/k/1', { 'x-amz-acl': 'private' })).toEqual([`s3:GetObject ${object}`]);
  });

  test('the right to read what it copies, and its tags where there are any', () => {
    const copy = (source: string, more: Record<string, string> = {}) =>
      needs('PUT', '/b/k/1', { 'x-amz-copy-source': source, ...more });
    expect(copy('/other/a%20b')).toEqual([`s3:PutObject ${object}`, 's3:GetObject arn:aws:s3:::other/a b']);
    expect(copy('other/a?versionId=v')).toContain('s3:GetObjectVersion arn:aws:s3:::other/a');
    expect(copy('other/tagged')).toEqual([
      `s3:PutObject ${object}`,
      's3:GetObject arn:aws:s3:::other/tagged',
      's3:GetObjectTagging arn:aws:s3:::other/tagged',
      `s3:PutObjectTagging ${object}`,
    ]);
    const replacing = { 'x-amz-tagging-directive': 'REPLACE', 'x-amz-tagging': 'a=b' };
    expect(copy('other/tagged', replacing)).toEqual([
      `s3:PutObject ${object}`,
      `s3:PutObjectTagging ${object}`,
      's3:GetObject arn:aws:s3:::other/tagged',
    ]);
  });
});
