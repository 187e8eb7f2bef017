import { afterEach, describe, expect, it, vi } from 'vitest';
import { discardUpload, type Progress, type UploadOptions, uploadPhoto } from '../../../client/upload.ts';
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
  silence,
} from './network.ts';

afterEach(() => vi.unstubAllGlobals());

const reason = new Error('changed my mind');
const notUploading = json(409, { code: 'not-uploading', detail: 'The file has arrived.' });
const DISCARD = 'DELETE /photos/1/upload';
const TRASH = 'DELETE /photos/1';
const SEND = `POST ${FORM.url}`;

/** An upload that is aborted once the network has been asked for `route`. */
async function abortedAt(
  route: string,
  routes: Parameters<typeof network>[0],
  changes: Partial<UploadOptions> = {},
) {
  const controller = new AbortController();
  const sent = network(routes);
  const uploaded = uploadPhoto(file, options({ ...changes, signal: controller.signal }));
  uploaded.catch(() => undefined);
  await vi.waitUntil(() => routesOf(sent).includes(route), { interval: 1 });
  controller.abort(reason);
  return { sent, uploaded };
}

/** Resolves once all has been done that is done without the network's or anybody's further doing. */
const rest = () => new Promise((resolve) => setTimeout(resolve, 20));

/** Whether it is rejected before anything else happens, with the reason of the signal. */
async function expectAtOnce(uploaded: Promise<unknown>): Promise<void> {
  const late = new Promise((resolve) => setImmediate(resolve, 'late'));
  await expect(Promise.race([uploaded, late])).rejects.toBe(reason);
}

describe('an upload that is aborted', () => {
  it.each([
    ['answers nothing', silence],
    ['is lost', lost],
    ['is busy', json(503, { code: 'busy' }, { 'retry-after': '60' })],
  ])('rejects at once with the reason, and tries once to discard, where the network %s', async (_, fails) => {
    const { sent, uploaded } = await abortedAt(SEND, {
      'POST /photos': [declared],
      [SEND]: [silence],
      [DISCARD]: [fails],
    });
    await expectAtOnce(uploaded);
    await rest();
    expect(routesOf(sent).slice(2)).toEqual([DISCARD]);
    expect(sent.at(-1)?.keepalive).toBe(true);
  });

  it('rejects at once in a browser that is offline, and waits for nothing to discard', async () => {
    const controller = new AbortController();
    const sent = network({
      'POST /photos': [declared],
      [SEND]: [
        () => {
          vi.stubGlobal('navigator', { onLine: false });
          return lost();
        },
      ],
      [DISCARD]: [lost],
    });
    vi.stubGlobal('addEventListener', () => undefined);
    const removed = vi.fn();
    vi.stubGlobal('removeEventListener', removed);
    const onProgress = vi.fn();
    const uploaded = uploadPhoto(file, options({ signal: controller.signal, onProgress }));
    uploaded.catch(() => undefined);
    await vi.waitFor(() => expect(onProgress).toHaveBeenCalledWith({ phase: 'offline' }));
    controller.abort(reason);
    await expectAtOnce(uploaded);
    await rest();
    expect(routesOf(sent).at(-1)).toBe(DISCARD);
    expect(removed).toHaveBeenCalledWith('online', expect.any(Function));
  });

  it('rejects at once where a token does not come', async () => {
    const controller = new AbortController();
    network({});
    const token = vi.fn(silence);
    const uploaded = uploadPhoto(file, options({ signal: controller.signal, token }));
    uploaded.catch(() => undefined);
    await vi.waitFor(() => expect(token).toHaveBeenCalled());
    controller.abort(reason);
    await expectAtOnce(uploaded);
  });

  it('does nothing at all where that was before it began', async () => {
    const sent = network({});
    const unread = new Blob(['a file']);
    const read = vi.spyOn(unread, 'slice');
    const signal = AbortSignal.abort(reason);
    await expect(uploadPhoto(unread, options({ signal }))).rejects.toBe(reason);
    expect(sent).toEqual([]);
    expect(read).not.toHaveBeenCalled();
  });

  it('is discarded where whoever is told of its wait aborts it', async () => {
    const controller = new AbortController();
    const busy = () => new Response('', { status: 503, headers: { 'retry-after': '60' } });
    const sent = network({ 'POST /photos': [declared], [SEND]: [busy], [DISCARD]: [empty] });
    const onProgress = ({ phase }: Progress) => phase === 'waiting' && controller.abort(reason);
    const uploaded = uploadPhoto(file, options({ signal: controller.signal, onProgress }));
    await expect(uploaded).rejects.toBe(reason);
    await rest();
    expect(routesOf(sent).at(-1)).toBe(DISCARD);
  });

  describe('while it is declared', () => {
    async function abortedWhileDeclared(changes?: Partial<UploadOptions>) {
      const answers = Promise.withResolvers<Response>();
      const routes = { 'POST /photos': [() => answers.promise], [DISCARD]: [empty] };
      const { sent, uploaded } = await abortedAt('POST /photos', routes, changes);
      await expectAtOnce(uploaded);
      return { sent, answer: answers.resolve };
    }

    it('is discarded once that turns out to have been done, and nothing more is told of it', async () => {
      const onPhoto = vi.fn();
      const { sent, answer } = await abortedWhileDeclared({ onPhoto });
      answer(await declared());
      await rest();
      expect(onPhoto).not.toHaveBeenCalled();
      expect(routesOf(sent)).toEqual(['POST /photos', DISCARD]);
    });

    it('is kept if it is told to', async () => {
      const { sent, answer } = await abortedWhileDeclared({ onAbort: 'keep' });
      answer(await declared());
      await rest();
      expect(routesOf(sent)).toEqual(['POST /photos']);
    });

    it('is not declared once more, nor said to wait', async () => {
      const phases: string[] = [];
      const onProgress = ({ phase }: Progress) => phases.push(phase);
      const { sent, answer } = await abortedWhileDeclared({ onProgress });
      answer(new Response('', { status: 503, headers: { 'retry-after': '60' } }));
      await rest();
      expect(phases).toEqual(['hashing']);
      expect(routesOf(sent)).toEqual(['POST /photos']);
    });
  });

  it('puts the photo that it has declared into the trash where its file has arrived', async () => {
    const { sent, uploaded } = await abortedAt('GET /photos/1', {
      'POST /photos': [declared],
      [SEND]: [empty],
      'GET /photos/1': [silence],
      [DISCARD]: [notUploading],
      [TRASH]: [empty],
    });
    await expectAtOnce(uploaded);
    await rest();
    expect(routesOf(sent).slice(-2)).toEqual([DISCARD, TRASH]);
    expect(sent.at(-1)?.keepalive).toBe(true);
  });

  it('leaves a photo alone that it has resumed, whose file another page may have sent', async () => {
    const { sent, uploaded } = await abortedAt('GET /photos/1', {
      'POST /photos': [json(200, { photo: aPhoto(), upload: FORM, duplicate: true })],
      [SEND]: [empty],
      'GET /photos/1': [silence],
      [DISCARD]: [notUploading],
    });
    await expectAtOnce(uploaded);
    await rest();
    expect(routesOf(sent).at(-1)).toBe(DISCARD);
  });

  it('leaves a photo alone that is refused to be given up for another reason', async () => {
    const { sent, uploaded } = await abortedAt(SEND, {
      'POST /photos': [declared],
      [SEND]: [silence],
      [DISCARD]: [json(409, { code: 'idempotency-in-flight' })],
    });
    await expectAtOnce(uploaded);
    await rest();
    expect(routesOf(sent).at(-1)).toBe(DISCARD);
  });

  it('leaves a photo alone whose file had arrived before', async () => {
    const controller = new AbortController();
    const photo = aPhoto({ status: 'ready' });
    const sent = network({ 'POST /photos': [json(200, { photo, duplicate: true })] });
    const onPhoto = () => controller.abort(reason);
    const uploaded = uploadPhoto(file, options({ signal: controller.signal, onPhoto }));
    await expect(uploaded).rejects.toBe(reason);
    await rest();
    expect(routesOf(sent)).toEqual(['POST /photos']);
  });

  it('puts its own photo into the trash, though its form had to be asked for anew', async () => {
    const { sent, uploaded } = await abortedAt('GET /photos/1', {
      'POST /photos': [declared, json(200, { photo: aPhoto(), upload: FORM, duplicate: true })],
      [SEND]: [() => new Response('', { status: 403 }), empty],
      'GET /photos/1': [silence],
      [DISCARD]: [notUploading],
      [TRASH]: [empty],
    });
    await expectAtOnce(uploaded);
    await rest();
    expect(routesOf(sent).at(-1)).toBe(TRASH);
  });

  it('keeps its slot if it is told to, and is resumed by the same call', async () => {
    const { sent, uploaded } = await abortedAt(
      SEND,
      {
        'POST /photos': [declared, json(200, { photo: aPhoto(), upload: FORM, duplicate: true })],
        [SEND]: [silence, empty],
        'GET /photos/1': [arrived],
      },
      { onAbort: 'keep' },
    );
    await expectAtOnce(uploaded);
    await rest();
    expect(routesOf(sent)).toEqual(['POST /photos', SEND]);
    expect(await uploadPhoto(file, options())).toMatchObject({ outcome: 'resumed', photo: { id: '1' } });
  });

  it('can be discarded later with the same options, where it was kept', async () => {
    const sent = network({ [DISCARD]: [lost, empty] });
    await discardUpload('1', options({ signal: AbortSignal.abort(reason) }));
    expect(routesOf(sent)).toEqual([DISCARD, DISCARD]);
  });
});
