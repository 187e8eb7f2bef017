import { aliasExists, invalidParameter, notAuthorized, usernameExists } from './errors.ts';
import type { Issuer } from './issuer.ts';
import { type Pool, type PoolClient, STANDARD_ATTRIBUTES } from './pools.ts';
import { normalise, signInAddresses, type User } from './users.ts';

export type Attributes = Readonly<Record<string, string>>;

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
/** E.164, as Cognito wants it. */
const PHONE = /^\+[0-9]{5,15}$/;

/** Whether a user may set these through the client. Throws NotAuthorizedException. */
export function checkWritable({ writable }: PoolClient, attributes: Attributes): void {
  for (const name of Object.keys(attributes)) {
    if (name === 'sub' || name.endsWith('_verified') || (writable && !writable.includes(name))) {
      throw notAuthorized('A client attempted to write unauthorized attribute');
    }
  }
}

/** Whether the pool knows these attributes and their form is right. Throws InvalidParameterException. */
export function checkSchema(pool: Pool, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (!STANDARD_ATTRIBUTES.includes(name) && !pool.custom.includes(name)) {
      throw invalidParameter(
        `Attributes did not conform to the schema: ${name}: Attribute does not exist in the schema.`,
      );
    }
    if (name === 'email' && value && !EMAIL.test(value)) {
      throw invalidParameter('Invalid email address format.');
    }
    if (name === 'phone_number' && value && !PHONE.test(value)) {
      throw invalidParameter('Invalid phone number format.');
    }
  }
}

/** Throws InvalidParameterException. */
export function checkRequired(pool: Pool, attributes: Attributes): void {
  const missing = pool.required.filter((name) => !attributes[name] && name !== 'sub');
  if (missing.length === 0) return;
  const reasons = missing.map((name) => `${name}: The attribute is required`);
  throw invalidParameter(`Attributes did not conform to the schema: ${reasons.join('\n')}`);
}

/** Throws InvalidParameterException. */
export function checkMutable(pool: Pool, attributes: Attributes): void {
  for (const name of Object.keys(attributes)) {
    if (pool.immutable.includes(name)) throw invalidParameter(`user.${name}: Attribute cannot be updated.`);
  }
}

/** Attributes after a change: an address that changed is no longer verified, and an empty value removes. */
export function merged(current: Attributes, changes: Attributes): Attributes {
  const all: Record<string, string> = { ...current };
  for (const name of ['email', 'phone_number']) {
    if (changes[name] !== undefined && changes[name] !== current[name]) all[`${name}_verified`] = 'false';
  }
  Object.assign(all, changes);
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

/**
 * The user's name and attributes from what a sign-up says: in a pool where people sign in with an address
 * the name is `sub` and the address an attribute. Throws InvalidParameterException.
 */
export function nameOf(pool: Pool, given: string, sub: string, attributes: Attributes) {
  if (!/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u.test(given)) {
    throw invalidParameter(
      "1 validation error detected: Value at 'username' failed to satisfy constraint: Member must be 1 to 128 letters, digits, marks, symbols or punctuation",
    );
  }
  if (pool.usernameAttributes.length === 0) return { username: plainName(pool, given), attributes };
  const attribute = pool.usernameAttributes.find((name) => (name === 'email' ? EMAIL : PHONE).test(given));
  if (attribute) return { username: sub, attributes: { ...attributes, [attribute]: given } };
  throw invalidParameter(
    pool.usernameAttributes.length > 1
      ? 'Username should be either an email or a phone number.'
      : `Username should be ${pool.usernameAttributes.includes('email') ? 'an email' : 'a phone number'}.`,
  );
}

/** Throws UsernameExistsException where another user has the name, or the address people sign in with. */
export function checkFree(issuer: Issuer, pool: Pool, username: string, attributes: Attributes): void {
  if (issuer.users.find(pool, username)) throw usernameExists('User already exists');
  for (const attribute of pool.usernameAttributes) {
    const address = attributes[attribute];
    if (address && issuer.users.find(pool, address)) {
      throw usernameExists(`An account with the given ${attribute} already exists.`);
    }
  }
}

/** Throws AliasExistsException where a verified address would sign in two people. */
export function checkAliases(issuer: Issuer, pool: Pool, user: User): void {
  for (const [attribute, address] of signInAddresses(pool, user)) {
    const other = issuer.users.find(pool, address);
    if (other && other.sub !== user.sub) throw aliasExists(attribute);
  }
}

function plainName(pool: Pool, given: string): string {
  const kinds = [
    ['email', EMAIL],
    ['phone_number', PHONE],
  ] as const;
  const alias = kinds.find(([name, form]) => pool.aliasAttributes.includes(name) && form.test(given))?.[0];
  if (!alias) return normalise(pool, given);
  throw invalidParameter(
    `Username cannot be of ${alias} format, since user pool is configured for ${alias} alias.`,
  );
}
