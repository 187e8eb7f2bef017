import { afterEach, expect, it, vi } from 'vitest';
import { uppyOptions } from '../../../client/uppy.ts';
import { aPhoto, json, network, options, routesOf } from './network.ts';

afterEach(() => vi.unstubAllGlobals());

const PART_BYTES = 8 * 1024 * 1024;
const inParts = { method: 'PUT', partBytes: PART_BYTES, parts: 1 };

/** Uppy has begun to send a file. */
async function begun() {
  const uppy = uppyOptions({ ...options(), described: { tags: ['sea'] } });
  const data = new Blob(['a file'], { type: 'image/jpg' });
  const key = uppy.generateObjectKey({ id: 'uppy-1', data });
  return { uppy, ...(await uppy.signRequest({ method: 'POST', key })) };
}

it('declares what Uppy sends, in parts', async () => {
  const sent = network({ 'POST /photos': [json(201, { photo: aPhoto(), upload: inParts })] });
  expect((await begun()).key).toBe('1');
  expect(sent[0]?.body).toMatchObject({ contentType: 'image/jpeg', tags: ['sea'], multipart: true });
});

it('gives up what Uppy cancels, and leaves a photo alone whose file has arrived', async () => {
  const sent = network({
    'POST /photos': [json(201, { photo: aPhoto(), upload: inParts })],
    'DELETE /photos/1/upload': [json(409, { code: 'not-uploading' })],
  });
  const { uppy, key = '' } = await begun();
  await uppy.signRequest({ method: 'DELETE', key, uploadId: key });
  expect(routesOf(sent).slice(1)).toEqual(['DELETE /photos/1/upload']);
});
