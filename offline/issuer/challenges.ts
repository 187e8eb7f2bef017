import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { notAuthorized } from './errors.ts';
import type { PoolClient } from './pools.ts';
import type { Identity, ServerExchange, Verifier } from './srp.ts';

/** What the server remembers between the two steps of a sign-in. */
export type Challenge =
  | {
      readonly kind: 'PASSWORD_VERIFIER';
      /** Undefined where the exchange is only played, for a name that nobody has. */
      readonly sub: string | undefined;
      readonly identity: Identity;
      readonly verifier: Verifier;
      readonly publicA: bigint;
      readonly exchange: ServerExchange;
    }
  | { readonly kind: 'NEW_PASSWORD_REQUIRED'; readonly sub: string };

interface Open {
  readonly challenge: Challenge;
  readonly clientId: string;
  readonly expiresAt: number;
}

/** Challenges that wait for their answer. They live for minutes: after a restart the sign-in begins anew. */
export class Challenges {
  readonly #clock: Clock;
  readonly #open = new Map<string, Open>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keeps a challenge for as long as the client allows; the answer is the token that names it, in base64. */
  add(client: PoolClient, challenge: Challenge): string {
    const now = this.#clock.now();
    for (const [token, { expiresAt }] of this.#open) if (expiresAt <= now) this.#open.delete(token);
    const token = randomBytes(96).toString('base64');
    this.#open.set(token, { challenge, clientId: client.id, expiresAt: now + client.challengeMs });
    return token;
  }

  /** Throws NotAuthorizedException where the token names none, one that ran out, or another client's. */
  find<Kind extends Challenge['kind']>(
    client: PoolClient,
    kind: Kind,
    token: string,
  ): Extract<Challenge, { kind: Kind }> {
    const open = this.#open.get(token);
    if (open?.challenge.kind === kind && open.clientId === client.id && open.expiresAt > this.#clock.now()) {
      return open.challenge as Extract<Challenge, { kind: Kind }>;
    }
    throw notAuthorized('Invalid session for the user, session is expired.');
  }

  /** A challenge is answered once. */
  close(token: string): void {
    this.#open.delete(token);
  }
}
