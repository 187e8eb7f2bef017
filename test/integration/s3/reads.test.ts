import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type S3Stand, startS3 } from '../../support/s3.ts';
import { etagOfPhoto, plainBucket } from './plain-bucket.ts';

let stand: S3Stand;
beforeAll(async () => {
  stand = await startS3();
});
afterAll(() => stand.stop());

const { get, put, read } = plainBucket(() => stand.s3);

describe('ranges', () => {
  beforeAll(() => put('digits', '0123456789'));

  test.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=7-99', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
  ])('%s gives %s', async (Range, body, ContentRange) => {
    const object = await get('digits', { Range });
    expect(object).toMatchObject({ ContentRange, ContentLength: body.length });
    expect(object.$metadata.httpStatusCode).toBe(206);
    expect(await object.Body?.transformToString()).toBe(body);
  });

  test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0'])('%s is not satisfiable', async (Range) => {
    await expect(get('digits', { Range })).rejects.toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    });
  });

  test.each(['bytes=4-2', 'bytes=0-1,3-4', 'lines=1-2', 'bytes='])(
    '%s asks for everything',
    async (Range) => {
      const object = await get('digits', { Range });
      expect(object.$metadata.httpStatusCode).toBe(200);
      expect(await object.Body?.transformToString()).toBe('0123456789');
    },
  );

  test('a head tells the length of the range', async () => {
    const head = await stand.s3.send(
      new HeadObjectCommand({ Bucket: 'plain', Key: 'digits', Range: 'bytes=0-3' }),
    );
    expect(head.ContentLength).toBe(4);
  });
});

describe('conditions', () => {
  const past = new Date('2020-01-01T00:00:00Z');
  const future = new Date('2040-01-01T00:00:00Z');
  beforeAll(() => put('conditional'));

  test.each([
    ['If-Match that holds', { IfMatch: etagOfPhoto }, 200],
    ['If-Match *', { IfMatch: '*' }, 200],
    ['If-Match that fails', { IfMatch: '"other"' }, 412],
    ['If-None-Match that fails', { IfNoneMatch: etagOfPhoto }, 304],
    ['If-None-Match that holds', { IfNoneMatch: '"other"' }, 200],
    ['If-Modified-Since that holds', { IfModifiedSince: past }, 200],
    ['If-Modified-Since that fails', { IfModifiedSince: future }, 304],
    ['If-Unmodified-Since that holds', { IfUnmodifiedSince: future }, 200],
    ['If-Unmodified-Since that fails', { IfUnmodifiedSince: past }, 412],
    ['If-Match over If-Unmodified-Since', { IfMatch: etagOfPhoto, IfUnmodifiedSince: past }, 200],
    ['If-None-Match over If-Modified-Since', { IfNoneMatch: '"other"', IfModifiedSince: future }, 200],
  ])('a read with %s', async (_what, condition, status) => {
    const answer = get('conditional', condition).then(
      ({ $metadata }) => $metadata.httpStatusCode,
      (error) => error.$metadata.httpStatusCode,
    );
    expect(await answer).toBe(status);
  });

  test('of twenty racing If-None-Match writes one wins', async () => {
    const writes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => put('race', `writer ${n}`, { IfNoneMatch: '*' })),
    );
    expect(writes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const write of writes) {
      if (write.status === 'rejected') expect(write.reason.name).toBe('PreconditionFailed');
    }
    const winner = writes.findIndex(({ status }) => status === 'fulfilled');
    expect(await read('race')).toBe(`writer ${winner}`);
  });

  test('an If-Match write replaces only what it knows', async () => {
    const first = await put('known', 'one');
    await put('known', 'two', { IfMatch: first.ETag });
    await expect(put('known', 'three', { IfMatch: first.ETag })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await expect(put('unknown', 'one', { IfMatch: first.ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await read('known')).toBe('two');
  });
});
