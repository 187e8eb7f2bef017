import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { type Described, type Progress, type UploadedPhoto, uploadPhoto } from '../../../client/upload.ts';
import type { PhotoView } from '../../../lib/photos/view.ts';
import {
  aPhoto,
  arrived,
  declared,
  empty,
  FORM,
  file,
  json,
  lost,
  network,
  options,
  routesOf,
  s3Refuses,
} from './network.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const SEND = `POST ${FORM.url}`;
const again = json(200, { photo: aPhoto(), upload: FORM, duplicate: true });
const formIsOver = s3Refuses(403, 'AccessDenied', 'Invalid according to Policy: Policy expired.');

describe('what an upload came to', () => {
  it.each([
    ['uploaded', false, declared],
    ['resumed', false, again],
    ['duplicate', false, json(200, { photo: aPhoto({ status: 'ready' }), duplicate: true })],
    ['duplicate', true, json(200, { photo: aPhoto({ status: 'ready' }), duplicate: true, trashed: true })],
  ])('is %s, in the trash: %s', async (outcome, trashed, handed) => {
    network({ 'POST /photos': [handed], [SEND]: [empty], 'GET /photos/1': [arrived] });
    expect(await uploadPhoto(file, options())).toMatchObject({ outcome, trashed, photo: { id: '1' } });
  });

  it('has of a photo what the API answers', () => {
    expectTypeOf<PhotoView>().toExtend<UploadedPhoto>();
  });
});

describe('the declaration', () => {
  const declaredAs = async (described: Described | undefined, type = 'image/png') => {
    const sent = network({ 'POST /photos': [declared], [SEND]: [empty], 'GET /photos/1': [arrived] });
    await uploadPhoto(new Blob(['a file'], { type }), options({ described }));
    return sent[0]?.body;
  };

  it('says what is known of the photo, and nothing of what is not', async () => {
    const described = { caption: undefined, tags: ['sea'], locationPrecision: 'city' } as const;
    expect(await declaredAs(described)).toEqual({
      tags: ['sea'],
      locationPrecision: 'city',
      contentType: 'image/png',
      bytes: 6,
      sha256: 'c2XQKYYeMsUh+AibAKb7MtrwYVAltptZnRzlNQG4RcI=',
      multipart: false,
    });
    expect(await declaredAs(undefined)).not.toHaveProperty('locationPrecision');
  });

  it.each([
    ['image/jpg', 'image/jpeg'],
    ['', 'image/jpeg'],
    ['image/heic', 'image/heic'],
  ])('calls the type %o %s', async (type, contentType) => {
    expect(await declaredAs(undefined, type)).toMatchObject({ contentType });
  });

  it('tells of its photo before the file is sent', async () => {
    const sent = network({ 'POST /photos': [declared], [SEND]: [empty], 'GET /photos/1': [arrived] });
    const told: unknown[] = [];
    const onPhoto = ({ id }: UploadedPhoto) => told.push([id, sent.length]);
    await uploadPhoto(file, options({ onPhoto }));
    expect(told).toEqual([['1', 1]]);
  });
});

describe('a form that S3 refuses as its time is over', () => {
  it.each([
    ['the form', formIsOver],
    [
      'what signed it',
      s3Refuses(400, 'ExpiredToken', 'The security token included in the request is expired'),
    ],
  ])('is asked for anew where that of %s is, for the same photo', async (_, over) => {
    const form = { ...FORM, url: 'https://s3.test/anew' };
    const sent = network({
      'POST /photos': [declared, json(200, { photo: aPhoto(), upload: form, duplicate: true })],
      [SEND]: [over],
      [`POST ${form.url}`]: [empty],
      'GET /photos/1': [arrived],
    });
    const onPhoto = vi.fn();
    expect(await uploadPhoto(file, options({ onPhoto }))).toMatchObject({ outcome: 'uploaded' });
    expect(routesOf(sent)).toEqual([
      'POST /photos',
      SEND,
      'POST /photos',
      `POST ${form.url}`,
      'GET /photos/1',
    ]);
    expect(onPhoto).toHaveBeenCalledOnce();
  });

  it('is asked for three times at most', async () => {
    const sent = network({ 'POST /photos': [declared, again], [SEND]: [formIsOver] });
    await expect(uploadPhoto(file, options())).rejects.toMatchObject({ by: 'S3', code: 'AccessDenied' });
    expect(routesOf(sent).filter((route) => route === SEND)).toHaveLength(3);
  });

  it('is another photo’s where the slot is over too, of which the app is told', async () => {
    const anew = json(201, { photo: aPhoto({ id: '2' }), upload: FORM });
    network({
      'POST /photos': [again, anew],
      [SEND]: [formIsOver, empty],
      'GET /photos/2': [json(200, aPhoto({ id: '2' }))],
    });
    const told: string[] = [];
    const uploaded = await uploadPhoto(file, options({ onPhoto: ({ id }) => told.push(id) }));
    expect(uploaded).toMatchObject({ outcome: 'uploaded', photo: { id: '2' } });
    expect(told).toEqual(['1', '2']);
  });

  it('is asked for without what was said already, which its owner may have changed meanwhile', async () => {
    const sent = network({
      'POST /photos': [declared, again],
      [SEND]: [formIsOver, empty],
      'GET /photos/1': [arrived],
    });
    await uploadPhoto(file, options({ described: { visibility: 'public' } }));
    const said = sent.filter(({ route }) => route === 'POST /photos').map(({ body }) => body);
    expect(said).toEqual([
      expect.objectContaining({ visibility: 'public' }),
      expect.not.objectContaining({ visibility: expect.anything() }),
    ]);
  });

  it('is begun anew where another page gave the upload up after the file was sent', async () => {
    network({
      'POST /photos': [again, json(201, { photo: aPhoto({ id: '2' }), upload: FORM })],
      [SEND]: [empty],
      'GET /photos/1': [json(200, aPhoto({ status: 'expired' }))],
      'GET /photos/2': [json(200, aPhoto({ id: '2', status: 'processing' }))],
    });
    const uploaded = await uploadPhoto(file, options());
    expect(uploaded).toMatchObject({ outcome: 'uploaded', photo: { id: '2', status: 'processing' } });
  });

  it('is refused for good where S3 has something else against it', async () => {
    const tooLarge = s3Refuses(
      400,
      'EntityTooLarge',
      'Your proposed upload exceeds the maximum allowed size',
    );
    const sent = network({ 'POST /photos': [declared], [SEND]: [tooLarge] });
    await expect(uploadPhoto(file, options())).rejects.toMatchObject({ code: 'EntityTooLarge' });
    expect(routesOf(sent)).toEqual(['POST /photos', SEND]);
  });
});

describe('waits', () => {
  const tooMany = json(429, { code: 'too-many-uploads' }, { 'retry-after': '60' });

  it('are told of, with their end and their reason, and end after as many tries as there is patience for', async () => {
    vi.useFakeTimers();
    const sent = network({ 'POST /photos': [tooMany] });
    const told: Progress[] = [];
    const uploaded = uploadPhoto(file, options({ onProgress: (progress) => told.push(progress) }));
    uploaded.catch(() => undefined);
    const began = Date.now();
    await vi.runAllTimersAsync();
    await expect(uploaded).rejects.toMatchObject({ code: 'too-many-uploads' });
    expect(Date.now() - began).toBe(120_000);
    expect(sent).toHaveLength(3);
    const error = expect.objectContaining({ code: 'too-many-uploads' });
    expect(told.slice(1)).toEqual([
      { phase: 'waiting', until: new Date(began + 60_000), error },
      { phase: 'waiting', until: new Date(began + 120_000), error },
    ]);
  });

  it('are none where the server asks for hours', async () => {
    const tomorrow = json(429, { code: 'daily-limit' }, { 'retry-after': '40000' });
    const sent = network({ 'POST /photos': [tomorrow] });
    await expect(uploadPhoto(file, options())).rejects.toMatchObject({
      code: 'daily-limit',
      retryAfterMs: 40_000_000,
    });
    expect(sent).toHaveLength(1);
  });

  it('that nobody would notice are not', async () => {
    network({ 'POST /photos': [lost, declared], [SEND]: [empty], 'GET /photos/1': [arrived] });
    const phases = new Set<string>();
    await uploadPhoto(file, options({ onProgress: ({ phase }) => phases.add(phase) }));
    expect([...phases]).toEqual(['hashing', 'sending']);
  });

  it('leave no timer behind when they are aborted', async () => {
    vi.useFakeTimers();
    const controller = new AbortController();
    network({ 'POST /photos': [tooMany] });
    const onProgress = vi.fn();
    const uploaded = uploadPhoto(file, options({ onProgress, signal: controller.signal }));
    uploaded.catch(() => undefined);
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    controller.abort(new Error('changed my mind'));
    await expect(uploaded).rejects.toThrow('changed my mind');
    expect(vi.getTimerCount()).toBe(0);
  });
});
