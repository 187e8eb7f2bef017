import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Progress, uploadPhoto } from '../../../client/upload.ts';
import { arrived, declared, FORM, file, json, network, options, routesOf } from './network.ts';

type Doing = (xhr: FakeXhr) => void;

/** What the requests of the test do once they are sent, one after the other. */
let doings: Doing[];
let requests: FakeXhr[];

/** The part of a browser's XMLHttpRequest that is used. */
class FakeXhr {
  readonly upload: { onprogress?: (sent: { loaded: number; total: number }) => void } = {};
  status = 0;
  responseText = '';
  onload?: () => void;
  onerror?: () => void;
  onloadend?: () => void;
  opened: unknown[] = [];
  form: FormData | undefined;
  isAborted = false;
  open(...opened: unknown[]) {
    this.opened = opened;
  }
  send(form: FormData) {
    this.form = form;
    requests.push(this);
    queueMicrotask(() => doings.shift()?.(this));
  }
  abort() {
    this.isAborted = true;
    this.onloadend?.();
  }
}

const answering =
  (status: number, text = ''): Doing =>
  (xhr) => {
    Object.assign(xhr, { status, responseText: text });
    xhr.onload?.();
    xhr.onloadend?.();
  };

beforeEach(() => {
  doings = [];
  requests = [];
  vi.stubGlobal('XMLHttpRequest', FakeXhr);
});
afterEach(() => vi.unstubAllGlobals());

const routes = { 'POST /photos': [declared], 'GET /photos/1': [arrived] };
const OVERHEAD = 500;

describe('a form sent by a browser', () => {
  it('tells of the bytes of the file as they are sent', async () => {
    const sent = network(routes);
    doings.push((xhr) => {
      for (const loaded of [100, OVERHEAD + 2, OVERHEAD + 6]) {
        xhr.upload.onprogress?.({ loaded, total: OVERHEAD + file.size });
      }
      answering(204)(xhr);
    });
    const told: Progress[] = [];
    await uploadPhoto(file, options({ onProgress: (progress) => told.push(progress) }));
    const sending = told.filter((progress) => progress.phase === 'sending');
    expect(sending.map(({ bytes }) => bytes)).toEqual([0, 2, 6, 6]);
    expect(requests[0]?.opened).toEqual(['POST', FORM.url]);
    expect([...(requests[0]?.form?.keys() ?? [])]).toEqual(['key', 'file']);
    expect(routesOf(sent)).toEqual(['POST /photos', 'GET /photos/1']);
  });

  it('is sent again where the network failed, and where S3 was busy', async () => {
    network(routes);
    doings.push((xhr) => xhr.onerror?.(), answering(503, '<Code>SlowDown</Code>'), answering(204));
    expect((await uploadPhoto(file, options())).outcome).toBe('uploaded');
    expect(requests).toHaveLength(3);
  });

  it('says what S3 has against it', async () => {
    network(routes);
    doings.push(answering(400, '<Error><Code>BadDigest</Code><Message>Not that one</Message></Error>'));
    await expect(uploadPhoto(file, options())).rejects.toMatchObject({
      by: 'S3',
      status: 400,
      code: 'BadDigest',
      message: 'S3 answered 400 BadDigest: Not that one',
    });
  });

  it('ends when it is aborted', async () => {
    const controller = new AbortController();
    const sent = network({ ...routes, 'DELETE /photos/1/upload': [json(200, {})] });
    doings.push(() => controller.abort(new Error('changed my mind')));
    const uploaded = uploadPhoto(file, options({ signal: controller.signal }));
    await expect(uploaded).rejects.toThrow('changed my mind');
    expect(requests[0]?.isAborted).toBe(true);
    await vi.waitFor(() => expect(routesOf(sent).at(-1)).toBe('DELETE /photos/1/upload'));
  });
});
