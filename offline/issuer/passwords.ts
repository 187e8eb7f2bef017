import { randomBytes, timingSafeEqual } from 'node:crypto';
import { badPassword, invalidParameter } from './errors.ts';
import type { Pool } from './pools.ts';
import { type Identity, makeVerifier, type Verifier } from './srp.ts';
import type { User } from './users.ts';

const SYMBOL = /[\^$*.[\]{}()?\-"!@#%&/\\,><':;|_~`+= ]/;
const MAX_LENGTH = 256;

/**
 * What is kept of a password is its SRP verifier alone, and a password that arrives in the clear is checked
 * by deriving the verifier again. SRP needs the verifier in any case, and one guess at it costs a hash and a
 * power; a slower hash beside it would protect nothing and could only disagree with it.
 */
export function passwordMatches(pool: Pool, user: User, password: string): boolean {
  const { verifier } = makeVerifier(identityOf(pool, user), password, user.password.salt);
  return equal(verifier, user.password.verifier);
}

/** Checks the pool's policy and derives the verifier. Throws InvalidPasswordException or InvalidParameterException. */
export function acceptPassword(pool: Pool, username: string, password: string): Verifier {
  checkPolicy(pool, password);
  return makeVerifier({ poolName: pool.name, userId: username }, password);
}

/** A password of 100 characters of all four kinds: it meets any policy. */
export function randomPassword(): string {
  return `Aa1-${randomBytes(72).toString('base64url')}`;
}

export function identityOf(pool: Pool, user: User): Identity {
  return { poolName: pool.name, userId: user.username };
}

/** Compares in a time that doesn't tell where two strings differ. */
export function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function checkPolicy({ policy }: Pool, password: string): void {
  if (password.length > MAX_LENGTH || /^\s|\s$/.test(password)) {
    throw invalidParameter(
      `1 validation error detected: Value at 'password' failed to satisfy constraint: Member must have at most ${MAX_LENGTH} characters and no space at either end`,
    );
  }
  if (password.length < policy.minimumLength) throw badPassword('Password not long enough');
  if (policy.uppercase && !/[A-Z]/.test(password))
    throw badPassword('Password must have uppercase characters');
  if (policy.lowercase && !/[a-z]/.test(password))
    throw badPassword('Password must have lowercase characters');
  if (policy.numbers && !/[0-9]/.test(password)) throw badPassword('Password must have numeric characters');
  if (policy.symbols && !SYMBOL.test(password)) throw badPassword('Password must have symbol characters');
}
