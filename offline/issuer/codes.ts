import { createHmac, randomInt } from 'node:crypto';
import { codeMismatch, expiredCode } from './errors.ts';
import { type Issuer, update } from './issuer.ts';
import { equal } from './passwords.ts';
import type { Pool } from './pools.ts';
import type { CodePurpose, SentCode, User } from './users.ts';

const HOUR_MS = 3_600_000;
/** How long a code counts, as in Cognito. */
const VALIDITY_MS: Readonly<Record<CodePurpose, number>> = {
  'sign-up': 24 * HOUR_MS,
  'new password': HOUR_MS,
  email: 24 * HOUR_MS,
  phone_number: 24 * HOUR_MS,
};

export interface CodeDelivery {
  readonly Destination: string;
  readonly DeliveryMedium: 'EMAIL' | 'SMS';
  readonly AttributeName: string;
}

/**
 * Makes a code of six digits in place of an older one for the same purpose. There is no mail here: the code
 * goes to the terminal, and the control door shows it.
 */
export function sendCode(
  issuer: Issuer,
  user: User,
  purpose: CodePurpose,
  attribute: string,
  value?: string,
): CodeDelivery {
  const code = randomInt(1_000_000).toString().padStart(6, '0');
  const sentAt = issuer.context.clock.now();
  const expiresAt = sentAt + VALIDITY_MS[purpose];
  update(issuer, user, {
    codes: { ...user.codes, [purpose]: { code, sentAt, expiresAt, attribute, value } },
  });
  issuer.context.log(`code for ${user.username} (${purpose}): ${code}`);
  return delivery(attribute, value ?? user.attributes[attribute] ?? '');
}

/** The code that was sent, if it is the one received. Throws CodeMismatchException or ExpiredCodeException. */
export function checkCode(issuer: Issuer, user: User, purpose: CodePurpose, received: string): SentCode {
  const sent = user.codes[purpose];
  if (!sent) throw expiredCode();
  if (!equal(received, sent.code)) throw codeMismatch();
  if (sent.expiresAt <= issuer.context.clock.now()) throw expiredCode();
  return sent;
}

/** The attribute that a sign-up code goes to; undefined where the pool verifies none that the user has. */
export function attributeToVerify(pool: Pool, attributes: User['attributes']): string | undefined {
  return ['phone_number', 'email'].find((name) => pool.autoVerified.includes(name) && attributes[name]);
}

/** The attribute that a code for a new password goes to; undefined where none is verified. */
export function attributeToRecover({ attributes }: User): string | undefined {
  return ['email', 'phone_number'].find(
    (name) => attributes[name] && attributes[`${name}_verified`] === 'true',
  );
}

/** What a client that hides users is told about a name nobody has: the same each time, and nothing was sent. */
export function simulatedDelivery({ key }: Issuer, pool: Pool, username: string): CodeDelivery {
  if (username.startsWith('+')) return delivery('phone_number', username);
  if (username.includes('@')) return delivery('email', username);
  const digest = createHmac('sha256', key.secret('simulated delivery'))
    .update(`${pool.id} ${username}`)
    .digest();
  const letter = (index: number) => String.fromCharCode(97 + ((digest[index] ?? 0) % 26));
  return delivery('email', `${letter(0)}@${letter(1)}`);
}

function delivery(attribute: string, address: string): CodeDelivery {
  if (attribute === 'phone_number') {
    const Destination = `+${'*'.repeat(Math.max(0, address.length - 5))}${address.slice(-4)}`;
    return { Destination, DeliveryMedium: 'SMS', AttributeName: attribute };
  }
  const [local = '', domain = ''] = address.split('@');
  const Destination = `${local.charAt(0)}***@${domain.charAt(0)}***`;
  return { Destination, DeliveryMedium: 'EMAIL', AttributeName: attribute };
}
