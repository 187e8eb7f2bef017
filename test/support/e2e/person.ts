import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { signIn } from '../people.ts';
import { pass, stack } from './stack.ts';

/** What the API answered: JSON as it parses, anything else as bytes, undefined where there was nothing. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** Problem details as docs/problems.md has them, or API Gateway's own error. */
export interface ProblemBody {
  readonly code?: string;
  readonly message?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** A Blob or a form brings its content type along; an object is sent as JSON, and so is a string, as it is. */
type Sent = FormData | Blob | string | object;
type Fields = Readonly<Record<string, string>>;

/** Calls the API as a frontend does. Redirects are answers too. */
export class Client {
  readonly #headers: () => Fields;

  constructor(headers: () => Fields) {
    this.#headers = headers;
  }

  get<Body = ProblemBody>(path: string, headers: Fields = {}): Promise<Answer<Body>> {
    return this.send('GET', path, undefined, headers);
  }

  post<Body = ProblemBody>(path: string, body?: Sent, headers: Fields = {}): Promise<Answer<Body>> {
    return this.send('POST', path, body, headers);
  }

  patch<Body = ProblemBody>(path: string, body: Sent, headers: Fields = {}): Promise<Answer<Body>> {
    return this.send('PATCH', path, body, headers);
  }

  put<Body = ProblemBody>(path: string, body?: Sent): Promise<Answer<Body>> {
    return this.send('PUT', path, body);
  }

  delete(path: string): Promise<Answer<ProblemBody>> {
    return this.send('DELETE', path);
  }

  async send<Body = ProblemBody>(
    method: string,
    path: string,
    body?: Sent,
    headers: Fields = {},
  ): Promise<Answer<Body>> {
    const carriesType = body === undefined || body instanceof FormData || body instanceof Blob;
    const answer = await fetch(`${stack.baseUrl}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(!carriesType && { 'content-type': 'application/json' }),
        ...this.#headers(),
        ...headers,
      },
      ...(body !== undefined && {
        body: carriesType || typeof body === 'string' ? (body as Blob) : JSON.stringify(body),
      }),
    });
    return { status: answer.status, headers: answer.headers, body: await bodyOf<Body>(answer) };
  }
}

/** Somebody with a valid access token, whom others can find. */
export class Person extends Client {
  readonly userName: string;
  readonly userId: string;
  accessToken: string;
  idToken: string;

  constructor(userName: string, tokens: { userId: string; accessToken: string; idToken: string }) {
    super(() => ({ authorization: `Bearer ${this.accessToken}` }));
    this.userName = userName;
    this.userId = tokens.userId;
    this.accessToken = tokens.accessToken;
    this.idToken = tokens.idToken;
  }

  async signInAgain(): Promise<void> {
    const { accessToken, idToken } = await signIn(stack.place, this.userName);
    this.accessToken = accessToken;
    this.idToken = idToken;
  }

  async follow({ userId }: Person): Promise<void> {
    expect((await this.put(`/users/${userId}/follow`)).status).toBe(204);
    await stack.idle();
  }

  async unfollow({ userId }: Person): Promise<void> {
    expect((await this.delete(`/users/${userId}/follow`)).status).toBe(204);
    await stack.idle();
  }
}

/** Nobody in particular. */
export const anonymous = new Client(() => ({}));

/** A new person of this name, told apart from everybody else of the run. */
export async function aPerson(name: string): Promise<Person> {
  const userName = `${name}.${randomBytes(4).toString('hex')}`;
  const person = new Person(userName, await signIn(stack.place, userName));
  expect((await person.get('/me')).status).toBe(200);
  return person;
}

/** New people, in the order of their names. */
export function people<Names extends readonly string[]>(
  ...names: Names
): Promise<{ -readonly [Index in keyof Names]: Person }> {
  return Promise.all(names.map(aPerson)) as never;
}

/** Lets time pass, after which these people have fresh tokens: one lives for an hour of the stack's clock. */
export async function later(minutes: number, ...people: readonly Person[]): Promise<void> {
  await pass(minutes);
  for (const person of people) await person.signInAgain();
}

async function bodyOf<Body>(answer: Response): Promise<Body> {
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (bytes.length === 0) return undefined as Body;
  const isJson = /json/.test(answer.headers.get('content-type') ?? '');
  return (isJson ? JSON.parse(bytes.toString()) : bytes) as Body;
}
