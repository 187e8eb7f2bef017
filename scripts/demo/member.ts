import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod';
import type { notificationView } from '../../lib/activity/inbox.ts';
import type { handedView } from '../../lib/photos/handed.ts';
import type { PhotoView } from '../../lib/photos/view.ts';
import type { recommendationsView } from '../../lib/serving/view.ts';
import type { StackEndpoint } from '../../offline/endpoint-file.ts';
import { signIn } from '../../offline/issuer/people.ts';

export type { PhotoView } from '../../lib/photos/view.ts';

export type Recommendations = z.infer<typeof recommendationsView>;

type Handed = z.infer<typeof handedView>;
type Notification = z.infer<typeof notificationView>;
type Items<Entry> = { items: Entry[]; nextCursor: string | null };

const PATIENCE_MS = 60_000;

/** A person who uses the API as a frontend would: over HTTP, with an access token. */
export class Member {
  readonly name: string;
  readonly userId: string;
  readonly #api: string;
  readonly #token: string;

  constructor(name: string, userId: string, api: string, token: string) {
    this.name = name;
    this.userId = userId;
    this.#api = api;
    this.#token = token;
  }

  async follow({ userId }: Member): Promise<void> {
    await this.#call('PUT', `/users/${userId}/follow`);
  }

  /** The file in the body of one request, described by form fields such as `tags`. */
  async sendPhoto(
    bytes: Buffer,
    caption: string,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<PhotoView> {
    if (bytes.length > 4_500_000) return this.uploadPhoto(bytes, caption);
    const form = new FormData();
    for (const [name, value] of Object.entries({ caption, ...fields })) form.set(name, value);
    form.set('file', new Blob([new Uint8Array(bytes)]), 'photo');
    return (await this.#call<{ photo: PhotoView }>('POST', '/photos', form)).photo;
  }

  /** A declaration first, then the file straight to S3. */
  async uploadPhoto(bytes: Buffer, caption: string): Promise<PhotoView> {
    const sha256 = createHash('sha256').update(bytes).digest('base64');
    const declared = { contentType: 'image/jpeg', bytes: bytes.length, sha256, caption };
    const { photo, upload } = await this.#call<Handed>('POST', '/photos', JSON.stringify(declared));
    if (upload?.method !== 'POST') return photo;
    const form = new FormData();
    for (const [name, value] of Object.entries(upload.fields)) form.set(name, value);
    form.set('file', new Blob([new Uint8Array(bytes)]), 'photo');
    const answer = await fetch(upload.url, { method: 'POST', body: form });
    if (!answer.ok) throw new Error(`S3 answered ${answer.status}: ${await answer.text()}`);
    return photo;
  }

  /** The photo once it is no longer being worked on. */
  settled(photoId: string): Promise<PhotoView> {
    return until(`photo ${photoId} to be ready`, async () => {
      const photo = await this.#call<PhotoView>('GET', `/photos/${photoId}`);
      return ['uploading', 'processing'].includes(photo.status) ? undefined : photo;
    });
  }

  /** Ids of this person's latest photos that wait for their file or are being worked on; a hundred at most. */
  async unfinished(): Promise<string[]> {
    const { items } = await this.#call<Items<PhotoView>>('GET', '/me/photos?limit=100');
    return items.filter(({ status }) => ['uploading', 'processing'].includes(status)).map(({ id }) => id);
  }

  /** Every entry of a list such as `/feed`, page by page. */
  async all<Entry>(path: string): Promise<Entry[]> {
    const entries: Entry[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = cursor && `&cursor=${encodeURIComponent(cursor)}`;
      const page: Items<Entry> = await this.#call('GET', `${path}?limit=100${query}`);
      entries.push(...page.items);
      cursor = page.nextCursor;
    }
    return entries;
  }

  /** The feed and the inbox once `count` photos have come into the feed. */
  whenTold(count: number): Promise<{ feed: PhotoView[]; inbox: Notification[] }> {
    return until(`${count} photos in ${this.name}'s feed`, async () => {
      const feed = await this.#call<Items<PhotoView>>('GET', '/feed?limit=100');
      const inbox = await this.#call<Items<Notification>>('GET', '/notifications?limit=100');
      const told = inbox.items.filter(({ type }) => type === 'photo-shared' || type === 'photo-ready');
      return feed.items.length >= count && told.length >= count
        ? { feed: feed.items, inbox: inbox.items }
        : undefined;
    });
  }

  /** Says what this person did with photos: pairs of a type and a photo's id. */
  async did(...deeds: readonly (readonly [type: string, photoId: string])[]): Promise<void> {
    const at = new Date().toISOString();
    const events = deeds.map(([type, photoId]) => ({ eventId: randomUUID(), type, photoId, at }));
    await this.#call('POST', '/events', JSON.stringify({ sessionId: 'demo', events }));
  }

  /** What is recommended to this person now, and how many milliseconds the answer took. */
  async recommended(limit: number): Promise<Recommendations & { ms: number }> {
    const started = performance.now();
    const answer = await this.#call<Recommendations>('GET', `/recommendations?limit=${limit}`);
    return { ...answer, ms: Math.round(performance.now() - started) };
  }

  async #call<Answer>(method: string, path: string, body?: FormData | string): Promise<Answer> {
    const answer = await fetch(`${this.#api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(typeof body === 'string' && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as Answer;
  }
}

/** Signs in as a user of that name, who from now on can be found by others. */
export async function memberOf(endpoint: StackEndpoint, name: string): Promise<Member> {
  const { userId, accessToken } = await signIn(endpoint, name);
  await fetch(`${endpoint.api}/me`, { headers: { authorization: `Bearer ${accessToken}` } });
  return new Member(name, userId, endpoint.api, accessToken);
}

async function until<Result>(what: string, look: () => Promise<Result | undefined>): Promise<Result> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(50)) {
    const result = await look();
    if (result !== undefined) return result;
  }
  throw new Error(`Waited ${PATIENCE_MS / 1_000} s for ${what}.`);
}
