import { createHash } from 'node:crypto';
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type S3Stand, startS3 } from '../../support/s3.ts';

let stand: S3Stand;
beforeAll(async () => {
  stand = await startS3();
});
afterAll(() => stand.stop());

const origin = 'https://app.example';
const sha256 = (bytes: string) => createHash('sha256').update(bytes).digest('base64');

async function form(
  Key: string,
  Fields: Record<string, string> = {},
  Conditions: PresignedPostOptions['Conditions'] = [],
) {
  const { url, fields } = await createPresignedPost(stand.s3, { Bucket: 'media', Key, Fields, Conditions });
  return (file: string, changed: Record<string, string> = {}) => {
    const data = new FormData();
    for (const [name, value] of Object.entries({ ...fields, ...changed })) data.append(name, value);
    data.append('file', new Blob([file]), 'photo ü.jpg');
    return fetch(url, { method: 'POST', body: data, headers: { origin }, redirect: 'manual' });
  };
}

const head = (Key: string) =>
  stand.s3.send(new HeadObjectCommand({ Bucket: 'media', Key, ChecksumMode: 'ENABLED' }));

describe('a form upload', () => {
  test('keeps type, metadata, tags and checksum, and answers 204', async () => {
    const post = await form('form/kept', {
      'Content-Type': 'image/jpeg',
      'Cache-Control': 'no-store',
      'x-amz-meta-correlation-id': 'abc',
      'x-amz-checksum-sha256': sha256('photo'),
      tagging: '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>',
    });
    const answer = await post('photo');
    expect(answer.status).toBe(204);
    expect(answer.headers.get('etag')).toBe('"5ae0c1c8a5260bc7b6648f6fbd115c35"');
    expect(answer.headers.get('location')).toBe(`${stand.endpoint}/media/form/kept`);
    expect(await head('form/kept')).toMatchObject({
      ContentType: 'image/jpeg',
      CacheControl: 'no-store',
      Metadata: { 'correlation-id': 'abc' },
      ContentLength: 5,
      ChecksumSHA256: sha256('photo'),
    });
    const { TagSet } = await stand.s3.send(
      new GetObjectTaggingCommand({ Bucket: 'media', Key: 'form/kept' }),
    );
    expect(TagSet).toEqual([{ Key: 'a', Value: 'b' }]);
  });

  test('with other bytes than it was signed for is refused, readable for a browser', async () => {
    const post = await form('form/tampered', { 'x-amz-checksum-sha256': sha256('photo') }, [
      ['content-length-range', 5, 5],
    ]);
    const other = await post('other');
    expect(other.status).toBe(400);
    expect(await other.text()).toContain('<Code>BadDigest</Code>');
    expect(other.headers.get('access-control-allow-origin')).toBe(origin);
    const longer = await post('photos');
    expect(longer.status).toBe(400);
    expect(await longer.text()).toContain('<Code>EntityTooLarge</Code>');
    const elsewhere = await post('photo', { key: 'form/elsewhere' });
    expect(elsewhere.status).toBe(403);
    expect(elsewhere.headers.get('access-control-allow-origin')).toBe(origin);
    for (const key of ['form/tampered', 'form/elsewhere']) {
      await expect(head(key)).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
    }
  });

  test.each([
    ['200', 200],
    ['201', 201],
    ['204', 204],
    ['404', 204],
  ])('with success_action_status %s answers %i', async (wished, status) => {
    const post = await form(`form/status ${wished}`, { success_action_status: wished });
    const answer = await post('photo');
    expect(answer.status).toBe(status);
    const document = await answer.text();
    if (status !== 201) expect(document).toBe('');
    else expect(document).toContain(`<Key>form/status 201</Key><ETag>&quot;5ae0c1c8`);
  });

  test('with success_action_redirect sends the browser on', async () => {
    const target = 'https://app.example/done?from=upload';
    const post = await form('form/redirected', { success_action_redirect: target });
    const answer = await post('photo');
    expect(answer.status).toBe(303);
    const location = new URL(answer.headers.get('location') ?? '');
    expect(location.href).toMatch(/^https:\/\/app\.example\/done\?from=upload&/);
    expect(Object.fromEntries(location.searchParams)).toMatchObject({
      bucket: 'media',
      key: 'form/redirected',
      etag: '"5ae0c1c8a5260bc7b6648f6fbd115c35"',
    });
  });

  test('fills in the name of the file, letters beyond ASCII included', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own variable
    const post = await form('form/${filename}', {
      'Content-Disposition': 'attachment; filename="ü 😀.jpg"',
    });
    expect((await post('photo')).status).toBe(204);
    const object = await stand.s3.send(new GetObjectCommand({ Bucket: 'media', Key: 'form/photo ü.jpg' }));
    const bytes = Buffer.from(object.ContentDisposition ?? '', 'latin1');
    expect(bytes.toString()).toBe('attachment; filename="ü 😀.jpg"');
  });
});

describe('cross-origin', () => {
  const ask = (path: string, headers: Record<string, string>) =>
    fetch(`${stand.endpoint}${path}`, { method: 'OPTIONS', headers });
  const preflight = {
    origin,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'content-type, X-Amz-Checksum-Sha256',
  };

  test('a preflight of a presigned request is answered too', async () => {
    const url = new URL(
      await getSignedUrl(stand.s3, new PutObjectCommand({ Bucket: 'media', Key: 'signed' })),
    );
    const answer = await ask(`${url.pathname}${url.search}`, preflight);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
  });

  test('a preflight is answered by the rule that covers it', async () => {
    const answer = await ask('/media/a%2Fb//c', preflight);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, PUT, POST',
      'access-control-allow-headers': 'content-type, x-amz-checksum-sha256',
      'access-control-expose-headers': 'ETag, Location',
      'access-control-max-age': '7200',
      'access-control-allow-credentials': 'true',
      vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
    });
  });

  test.each([
    ['another origin', '/media/a', { origin: 'https://evil.example' }, 403],
    ['an origin that only looks alike', '/media/a', { origin: 'https://app.example.evil.example' }, 403],
    ['another method', '/media/a', { 'access-control-request-method': 'DELETE' }, 403],
    ['a bucket without rules', '/plain/a', {}, 403],
    ['no such bucket', '/nowhere/a', {}, 404],
    ['an origin under a pattern', '/media/a', { origin: 'https://pr-7.preview.example' }, 200],
  ])('a preflight for %s', async (_what, path, changed, status) => {
    expect((await ask(path, { ...preflight, ...changed })).status).toBe(status);
  });

  test.each(['origin', 'access-control-request-method'] as const)('a preflight without %s', async (name) => {
    const { [name]: _, ...headers } = preflight;
    expect((await ask('/media/a', headers)).status).toBe(400);
  });

  test('answers carry the headers, errors too, and only for origins that are covered', async () => {
    await stand.s3.send(new PutObjectCommand({ Bucket: 'media', Key: 'shown', Body: 'photo' }));
    const read = async (Key: string, from: string) => {
      const url = await getSignedUrl(stand.s3, new GetObjectCommand({ Bucket: 'media', Key }));
      const answer = await fetch(url, { headers: { origin: from } });
      await answer.arrayBuffer();
      return [answer.status, answer.headers.get('access-control-allow-origin')];
    };
    expect(await read('shown', origin)).toEqual([200, origin]);
    expect(await read('missing', origin)).toEqual([404, origin]);
    expect(await read('shown', 'https://evil.example')).toEqual([200, null]);
  });
});
