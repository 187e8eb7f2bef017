import { vi } from 'vitest';
import type { UploadedPhoto, UploadOptions } from '../../../client/upload.ts';

export const API = 'https://api.test';
export const FORM = { method: 'POST', url: 'https://s3.test/', fields: { key: 'originals/1' } } as const;

/** A request that reached the network. */
interface Sent {
  readonly route: string;
  readonly body: unknown;
  readonly keepalive: boolean;
}

type Answer = () => Response | Promise<Response>;

/**
 * Takes the place of fetch. Each route, such as `GET /photos/1`, gives its answers one after the other, and its
 * last again and again. Returns what was sent, in its order.
 */
export function network(routes: Readonly<Record<string, readonly Answer[]>>): Sent[] {
  const sent: Sent[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    init.signal?.throwIfAborted();
    const route = `${init.method} ${url.replace(API, '')}`;
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : init.body;
    const times = sent.filter((each) => each.route === route).length;
    sent.push({ route, body, keepalive: init.keepalive ?? false });
    const answers = routes[route] ?? [];
    const answer = answers[times] ?? answers.at(-1);
    if (!answer) throw new Error(`Expected no ${route}`);
    const aborted = new Promise<never>((_, reject) => {
      init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    });
    return Promise.race([answer(), aborted]);
  });
  return sent;
}

export const json =
  (status: number, body: object, headers: Record<string, string> = {}): Answer =>
  () =>
    new Response(JSON.stringify(body), { status, headers });
export const empty = () => new Response(null, { status: 204 });
export const lost = () => Promise.reject(new TypeError('fetch failed'));
export const silence = () => new Promise<never>(() => undefined);
/** An error as S3 words it. */
export const s3Refuses = (status: number, code: string, message: string) => () =>
  new Response(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
    { status },
  );

export function aPhoto(changes: Partial<UploadedPhoto> = {}): UploadedPhoto {
  return {
    id: '1',
    status: 'uploading',
    caption: '',
    tags: [],
    visibility: 'public',
    width: null,
    height: null,
    placeholder: null,
    renditions: [],
    createdAt: '2026-01-01T00:00:00.000Z',
    trashedAt: null,
    ...changes,
  };
}

/** The API has made a photo that waits for its file by a form. */
export const declared = json(201, { photo: aPhoto(), upload: FORM });
/** The file has arrived. */
export const arrived = json(200, aPhoto({ status: 'processing' }));

export const file = new Blob(['a file'], { type: 'image/png' });

/** Options that give up after the third try. */
export function options(changes: Partial<UploadOptions> = {}): UploadOptions {
  return { api: API, token: 'a token', patience: { tries: 3, firstMs: 1 }, ...changes };
}

/** What was asked of whom, for short. */
export const routesOf = (sent: readonly Sent[]) => sent.map(({ route }) => route);
