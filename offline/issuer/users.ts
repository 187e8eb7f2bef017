import { join } from 'node:path';
import { Journal } from '../journal.ts';
import { issuerDir } from './keys.ts';
import type { Pool } from './pools.ts';
import type { Verifier } from './srp.ts';

/** A code that was sent, when, and until when it counts (milliseconds of the stack's clock). */
export interface SentCode {
  readonly code: string;
  readonly sentAt: number;
  readonly expiresAt: number;
  /** The attribute that it was sent to, and that using it verifies. */
  readonly attribute: string;
  /** A new value that takes effect with the code, where the pool wants it shown to work first. */
  readonly value?: string | undefined;
}

/** What a code is for; the last two prove an address that changed. */
export type CodePurpose = 'sign-up' | 'new password' | 'email' | 'phone_number';

export interface User {
  readonly sub: string;
  readonly poolId: string;
  readonly username: string;
  readonly status: 'UNCONFIRMED' | 'CONFIRMED' | 'FORCE_CHANGE_PASSWORD';
  /** All but `sub`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly password: Verifier;
  /** Set where an administrator gave the password: until when it may be used. */
  readonly passwordExpiresAt?: number | undefined;
  readonly codes: { readonly [purpose in CodePurpose]?: SentCode | undefined };
  readonly groups: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** One sign-in and the refresh token that keeps it alive. */
export interface Grant {
  /** The `origin_jti` of every token of this sign-in. */
  readonly originJti: string;
  readonly clientId: string;
  readonly sub: string;
  /** SHA-256 of the refresh token's secret half, in hexadecimal: the secret itself is not kept. */
  readonly secretHash: string;
  /** Times in milliseconds of the stack's clock. */
  readonly signedInAt: number;
  readonly expiresAt: number;
  readonly revoked?: boolean;
}

type Entry =
  | { readonly kind: 'user'; readonly user: User }
  | { readonly kind: 'removed'; readonly sub: string }
  | { readonly kind: 'grant'; readonly grant: Grant }
  | { readonly kind: 'client-secret'; readonly clientId: string; readonly secret: string };

/** Users, sign-ins and client secrets; each change is in the journal before the call that made it returns. */
export class UserStore {
  readonly #journal: Journal<Entry>;
  readonly #users = new Map<string, User>();
  readonly #removed = new Set<string>();
  readonly #grants = new Map<string, Grant>();
  readonly #secrets = new Map<string, string>();

  /** Opens the issuer's journal; sign-ins that had run out by `now` are forgotten. */
  constructor(stateDir: string, now: number) {
    const file = join(issuerDir(stateDir), 'journal.jsonl');
    this.#journal = Journal.open<Entry>(file, (entry) => this.#apply(entry));
    for (const grant of this.#grants.values()) {
      if (grant.expiresAt <= now) this.#grants.delete(grant.originJti);
    }
    this.#journal.rewrite(this.#entries());
  }

  /** By name, by a verified address where the pool takes these, or by `sub`. */
  find(pool: Pool, name: string): User | undefined {
    const key = normalise(pool, name);
    const users = this.list(pool);
    return (
      users.find((user) => user.username === key) ??
      users.find((user) => signInAddresses(pool, user).some(([, address]) => address === key)) ??
      users.find((user) => user.sub === key)
    );
  }

  bySub(sub: string): User | undefined {
    return this.#users.get(sub);
  }

  /** The users of a pool in order of creation. */
  list(pool: Pool): User[] {
    return [...this.#users.values()].filter((user) => user.poolId === pool.id);
  }

  /** Whether a user has, or ever had, this `sub`. */
  isTaken(sub: string): boolean {
    return this.#users.has(sub) || this.#removed.has(sub);
  }

  save(user: User): User {
    this.#commit({ kind: 'user', user });
    return user;
  }

  /** Forgets the user and ends their sign-ins; the `sub` is never given again. */
  remove(user: User): void {
    this.#commit({ kind: 'removed', sub: user.sub });
  }

  grant(originJti: string): Grant | undefined {
    return this.#grants.get(originJti);
  }

  grantsOf(user: User): Grant[] {
    return [...this.#grants.values()].filter((grant) => grant.sub === user.sub);
  }

  saveGrant(grant: Grant): void {
    this.#commit({ kind: 'grant', grant });
  }

  /** The secret of a client, made by `create` when it is first asked for. */
  clientSecret(clientId: string, create: () => string): string {
    const known = this.#secrets.get(clientId);
    if (known) return known;
    const secret = create();
    this.#commit({ kind: 'client-secret', clientId, secret });
    return secret;
  }

  close(): void {
    this.#journal.close();
  }

  #commit(entry: Entry): void {
    this.#journal.append(entry);
    this.#apply(entry);
  }

  #apply(entry: Entry): void {
    if (entry.kind === 'user') this.#users.set(entry.user.sub, entry.user);
    else if (entry.kind === 'grant') this.#grants.set(entry.grant.originJti, entry.grant);
    else if (entry.kind === 'client-secret') this.#secrets.set(entry.clientId, entry.secret);
    else this.#forget(entry.sub);
  }

  #forget(sub: string): void {
    this.#users.delete(sub);
    this.#removed.add(sub);
    for (const grant of this.#grants.values()) if (grant.sub === sub) this.#grants.delete(grant.originJti);
  }

  *#entries(): Iterable<Entry> {
    for (const sub of this.#removed) yield { kind: 'removed', sub };
    for (const user of this.#users.values()) yield { kind: 'user', user };
    for (const grant of this.#grants.values()) yield { kind: 'grant', grant };
    for (const [clientId, secret] of this.#secrets) yield { kind: 'client-secret', clientId, secret };
  }
}

/** The form in which names are kept and compared. */
export function normalise(pool: Pool, name: string): string {
  return pool.caseSensitive ? name : name.toLowerCase();
}

/** What signs this user in besides the name, by attribute: an alias counts once it is verified. */
export function signInAddresses(pool: Pool, { attributes }: User): [attribute: string, address: string][] {
  const verified = pool.aliasAttributes.filter(
    (attribute) => attribute === 'preferred_username' || attributes[`${attribute}_verified`] === 'true',
  );
  return [...pool.usernameAttributes, ...verified].flatMap((attribute) => {
    const address = attributes[attribute];
    return address ? [[attribute, normalise(pool, address)] as [string, string]] : [];
  });
}
