import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { s3AddressOf } from '../../../offline/s3/address.ts';

const addressOf = (method: string, url: string, headers: Record<string, string> = {}) => {
  const [path = '', query = ''] = url.split('?');
  return s3AddressOf(method, path, query, headers);
};

describe('the operation', () => {
  test.each([
    ['GET', '/', 'ListBuckets'],
    ['GET', '/b', 'ListObjects'],
    ['GET', '/b/', 'ListObjects'],
    ['GET', '/b?list-type=2&prefix=a', 'ListObjectsV2'],
    ['GET', '/b/?versions', 'ListObjectVersions'],
    ['GET', '/b?uploads=', 'ListMultipartUploads'],
    ['GET', '/b?location', 'GetBucketLocation'],
    ['GET', '/b?versioning', 'GetBucketVersioning'],
    ['PUT', '/b?versioning', 'PutBucketVersioning'],
    ['GET', '/b?lifecycle', 'GetBucketLifecycleConfiguration'],
    ['DELETE', '/b?lifecycle', 'DeleteBucketLifecycle'],
    ['GET', '/b?website', 'GetBucketWebsite'],
    ['HEAD', '/b', 'HeadBucket'],
    ['PUT', '/b', 'CreateBucket'],
    ['DELETE', '/b', 'DeleteBucket'],
    ['POST', '/b?delete', 'DeleteObjects'],
    ['POST', '/b/', 'PostObject'],
    ['GET', '/b/k?x-id=GetObject', 'GetObject'],
    ['HEAD', '/b/k', 'HeadObject'],
    ['PUT', '/b/k', 'PutObject'],
    ['DELETE', '/b/k?versionId=v', 'DeleteObject'],
    ['GET', '/b/k?tagging', 'GetObjectTagging'],
    ['PUT', '/b/k?tagging', 'PutObjectTagging'],
    ['DELETE', '/b/k?tagging', 'DeleteObjectTagging'],
    ['GET', '/b/k?acl', 'GetObjectAcl'],
    ['GET', '/b/k?attributes', 'GetObjectAttributes'],
    ['GET', '/b/k?torrent', 'GetObjectTorrent'],
    ['POST', '/b/k?uploads', 'CreateMultipartUpload'],
    ['PUT', '/b/k?partNumber=1&uploadId=u', 'UploadPart'],
    ['POST', '/b/k?uploadId=u', 'CompleteMultipartUpload'],
    ['DELETE', '/b/k?uploadId=u', 'AbortMultipartUpload'],
    ['GET', '/b/k?uploadId=u', 'ListParts'],
    ['POST', '/b/k?select&select-type=2', 'SelectObjectContent'],
    ['OPTIONS', '/b/k?partNumber=1', 'OptionsObject'],
  ])('%s %s is %s', (method, url, operation) => {
    expect(addressOf(method, url).operation).toBe(operation);
  });

  test.each([
    ['PUT', '/b/k', 'CopyObject'],
    ['PUT', '/b/k?partNumber=1&uploadId=u', 'UploadPartCopy'],
  ])('%s %s with a source is %s', (method, url, operation) => {
    const address = addressOf(method, url, { 'x-amz-copy-source': '/b/other' });
    expect(address).toMatchObject({ operation, input: { CopySource: '/b/other' } });
  });

  test.each([
    ['POST', '/b/k'],
    ['DELETE', '/'],
    ['PATCH', '/b/k'],
    ['PUT', '/b?versions'],
    ['HEAD', '/b/k?tagging'],
    ['GET', '/b/k?__proto__&restore'],
  ])('%s %s is not allowed', (method, url) => {
    expect(() => addressOf(method, url)).toThrow(expect.objectContaining({ code: 'MethodNotAllowed' }));
  });
});

describe('the key', () => {
  test.each([
    ['/b//k', '/k'],
    ['/b/k/', 'k/'],
    ['/b/../k', '../k'],
    ['/b/a+b', 'a+b'],
    ['/b/a%2Fb', 'a/b'],
    ['/b/a%252Fb', 'a%2Fb'],
    ['/b/%F0%9F%98%80%0A', '😀\n'],
    ['/b/a%3Fb%23c', 'a?b#c'],
  ])('of %s is %j', (url, key) => {
    expect(addressOf('GET', url).input).toEqual({ Bucket: 'b', Key: key });
  });

  test('is decoded exactly once, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (key) => {
        expect(addressOf('GET', `/b/${encodeURIComponent(key)}`).input.Key).toBe(key);
      }),
    );
  });

  test.each(['/b/%', '/b/%zz', '/b/%ff', '/%E0%A4%A/k'])('%s can not be read', (url) => {
    expect(() => addressOf('GET', url)).toThrow(expect.objectContaining({ code: 'InvalidURI', status: 400 }));
  });
});

test('the query is told in the names of the API', () => {
  const query =
    'list-type=2&prefix=a%2Bb+c&delimiter=%2F&max-keys=7&continuation-token=t&start-after=s&fetch-owner=true&encoding-type=url&prefix=other';
  expect(addressOf('GET', `/b?${query}`).input).toEqual({
    Bucket: 'b',
    Prefix: 'a+b c',
    Delimiter: '/',
    MaxKeys: '7',
    ContinuationToken: 't',
    StartAfter: 's',
    FetchOwner: 'true',
    EncodingType: 'url',
  });
});
