import type { StackEndpoint } from '../../offline/endpoint-file.ts';
import { signIn } from '../../offline/issuer/people.ts';

/** What the API answered; undefined where nobody knows: no answer came, or one that says to try again. */
export type Heard = { readonly status: number; readonly body: unknown } | undefined;

export interface Sent {
  readonly body?: FormData | string;
  /** Of a text; JSON if left out. */
  readonly contentType?: string;
  readonly idempotencyKey?: string;
}

/** After this, a request counts as one without an answer, in ms of real time. */
const PATIENCE_MS = 40_000;

/** A person who keeps using the API whatever happens to it. */
export class Actor {
  readonly name: string;
  userId = '';
  #api = '';
  #token = '';

  constructor(name: string) {
    this.name = name;
  }

  /** Signs in at a stack that has just started, or again after an hour. */
  async enter(place: StackEndpoint): Promise<void> {
    const { userId, accessToken } = await signIn(place, this.name);
    this.userId = userId;
    this.#api = place.api;
    this.#token = accessToken;
  }

  async ask(method: string, path: string, { body, contentType, idempotencyKey }: Sent = {}): Promise<Heard> {
    try {
      const answer = await fetch(`${this.#api}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(typeof body === 'string' && { 'content-type': contentType ?? 'application/json' }),
          ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
        },
        signal: AbortSignal.timeout(PATIENCE_MS),
        ...(body !== undefined && { body }),
      });
      const text = await answer.text();
      // 409 says that the first request with this key may still be at work.
      const unknown = answer.status >= 500 || answer.status === 429 || answer.status === 409;
      return unknown
        ? undefined
        : { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
    } catch {
      return undefined;
    }
  }

  /** Asks until something is answered. */
  async insist(method: string, path: string, sent: Sent = {}): Promise<NonNullable<Heard>> {
    for (let attempt = 0; attempt < 20; attempt++) {
      const heard = await this.ask(method, path, sent);
      if (heard) return heard;
    }
    throw new Error(`${method} ${path} of ${this.name} was asked twenty times and never answered.`);
  }

  /** Every entry of a list, page by page. */
  async list<Entry>(path: string): Promise<Entry[]> {
    const entries: Entry[] = [];
    let cursor = '';
    do {
      const { status, body } = await this.insist('GET', `${path}?limit=100${cursor}`);
      if (status !== 200) throw new Error(`GET ${path} of ${this.name}: ${status} ${JSON.stringify(body)}`);
      const { items, nextCursor } = body as { items: Entry[]; nextCursor: string | null };
      entries.push(...items);
      cursor = nextCursor === null ? '' : `&cursor=${encodeURIComponent(nextCursor)}`;
    } while (cursor);
    return entries;
  }
}
