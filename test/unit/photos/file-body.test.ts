import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fileBody, MAX_BODY_BYTES } from '../../../lib/photos/file-body.ts';
import { anApiEvent } from '../../support/api-events.ts';

const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, ...Buffer.from('a photograph')]);
const sha256 = createHash('sha256').update(JPEG).digest('base64');

function read(contentType: string, body: Buffer | string, query?: Record<string, string>) {
  return fileBody.read(
    anApiEvent({
      headers: { 'content-type': contentType },
      body: Buffer.from(body).toString('base64'),
      isBase64Encoded: true,
      ...(query && { queryStringParameters: query }),
    }),
  );
}

const BOUNDARY = '----boundary-9f2c41d0';
const part = (name: string, value: Buffer | string, more = '') =>
  Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n`),
    Buffer.from(value),
    Buffer.from('\r\n'),
  ]);
const form = (...parts: Buffer[]) => Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
const FORM = `multipart/form-data; boundary=${BOUNDARY}`;
const file = part('file', JPEG, '; filename="../../etc/passwd.svg"');

describe('a file handed in', () => {
  it('comes byte for byte, is hashed here, and is what its bytes say', async () => {
    const query = { caption: ' At the sea ', tags: 'Sea,,sun', visibility: 'private' };
    expect(await read('image/svg+xml', JPEG, query)).toEqual({
      declared: {
        caption: 'At the sea',
        tags: ['sea', 'sun'],
        visibility: 'private',
        contentType: 'image/jpeg',
        bytes: JPEG.length,
        sha256,
      },
      file: JPEG,
    });
  });

  it('comes in a form, whatever the file is called', async () => {
    const body = form(part('caption', 'x'), part('tags', 'a'), part('tags', 'b,c'), file);
    expect(await read(FORM, body)).toMatchObject({
      declared: { caption: 'x', tags: ['a', 'b', 'c'], sha256 },
      file: JPEG,
    });
  });

  it.each<[string, string, Buffer | string, number, string]>([
    ['nothing', 'image/jpeg', '', 400, 'empty-file'],
    ['markup that is called a photograph', 'image/jpeg', '<svg onload="x"/>', 415, 'unsupported-format'],
    ['an executable', 'image/png', `MZ${'\u0000'.repeat(62)}`, 415, 'unsupported-format'],
    ['a single byte', 'image/jpeg', 'x', 422, 'corrupt-image'],
    ['one byte too many', 'image/jpeg', Buffer.alloc(MAX_BODY_BYTES + 1), 413, 'too-large'],
    ['another type', 'application/octet-stream', JPEG, 415, 'unsupported-media-type'],
    ['a form without a boundary', 'multipart/form-data', form(file), 400, 'unparsable'],
    ['a form with another boundary', 'multipart/form-data; boundary=c', form(file), 400, 'unparsable'],
    ['a form that ends too soon', FORM, form(file).subarray(0, 60), 400, 'unparsable'],
    ['a form without a file', FORM, form(part('caption', 'x')), 422, 'invalid-request'],
    ['a form with a text for a file', FORM, form(part('file', 'x')), 422, 'invalid-request'],
    [
      'a form with a file for a text',
      FORM,
      form(file, part('caption', 'x', '; filename="x"')),
      422,
      'invalid-request',
    ],
    ['a form with an owner', FORM, form(file, part('ownerId', 'x')), 422, 'invalid-request'],
    ['a form with a prototype', FORM, form(file, part('__proto__', 'x')), 422, 'invalid-request'],
    ['a JSON that is none', 'application/json', '{', 400, 'unparsable'],
  ])('is refused: %s', async (_what, contentType, body, status, code) => {
    await expect(read(contentType, body)).rejects.toMatchObject({ status, code });
  });

  it('is refused soon with ten thousand fields beside it', async () => {
    const fields = Array.from({ length: 10_000 }, (_, n) => part(`field${n}`, 'x'));
    await expect(read(FORM, form(file, ...fields))).rejects.toMatchObject({ status: 422 });
  });

  it('is refused with what nobody asked for in the query', async () => {
    await expect(read('image/jpeg', JPEG, { ownerId: 'x' })).rejects.toMatchObject({ status: 422 });
  });
});
