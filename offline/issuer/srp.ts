import { createHash, createHmac, getDiffieHellman, hkdfSync, randomBytes } from 'node:crypto';

/**
 * The server's half of SRP-6a (RFC 5054, RFC 2945) with Cognito's choices: the 3072-bit prime of RFC 5054
 * (RFC 3526, group 15) but generator 2, SHA-256, numbers hashed in their shortest signed form, and a
 * 128-bit session key drawn by HKDF with the label "Caldera Derived Key".
 */
export const PRIME = toNumber(getDiffieHellman('modp15').getPrime('hex'));
export const GENERATOR = 2n;

const MULTIPLIER = hashNumbers(PRIME, GENERATOR);
const KEY_LABEL = 'Caldera Derived Key';
const KEY_BYTES = 16;

/** What the server keeps instead of a password; both in hexadecimal. */
export interface Verifier {
  readonly salt: string;
  readonly verifier: string;
}

/** Whose proof it is: the part of the pool's id behind the underscore, and the name that SRP knows the user by. */
export interface Identity {
  readonly poolName: string;
  readonly userId: string;
}

/** An exchange that the server began: its secret exponent and the public number made from it. */
export interface ServerExchange {
  readonly secret: bigint;
  readonly publicB: bigint;
}

/** Derives the verifier of a password; a fresh salt of 128 bits unless one is given. */
export function makeVerifier(
  { poolName, userId }: Identity,
  password: string,
  salt = randomBytes(16).toString('hex'),
): Verifier {
  const inner = createHash('sha256').update(`${poolName}${userId}:${password}`).digest();
  const x = toNumber(
    createHash('sha256')
      .update(signedBytes(toNumber(salt)))
      .update(inner)
      .digest('hex'),
  );
  return { salt, verifier: power(GENERATOR, x).toString(16) };
}

/** Begins an exchange: `B = kv + g^b`. */
export function beginExchange(
  { verifier }: Verifier,
  secret = toNumber(randomBytes(64).toString('hex')),
): ServerExchange {
  const publicB = (MULTIPLIER * toNumber(verifier) + power(GENERATOR, secret)) % PRIME;
  return { secret, publicB };
}

/**
 * The key that both sides share if the client knew the password. `publicA` must not be a multiple of the
 * prime (`isPublicNumber`): the key would be known without any password.
 */
export function sessionKey(
  { verifier }: Verifier,
  { secret, publicB }: ServerExchange,
  publicA: bigint,
): Buffer {
  const u = hashNumbers(publicA, publicB);
  const shared = power((publicA * power(toNumber(verifier), u)) % PRIME, secret);
  return Buffer.from(hkdfSync('sha256', signedBytes(shared), signedBytes(u), KEY_LABEL, KEY_BYTES));
}

/** The proof that a client sends: an HMAC over whom it is for, the server's block and the client's time. */
export function proof(
  key: Buffer,
  { poolName, userId }: Identity,
  secretBlock: Buffer,
  timestamp: string,
): Buffer {
  return createHmac('sha256', key)
    .update(poolName)
    .update(userId)
    .update(secretBlock)
    .update(timestamp)
    .digest();
}

/** Whether a client's public number may be used: RFC 5054, section 2.5.4. */
export function isPublicNumber(publicA: bigint): boolean {
  return publicA % PRIME !== 0n;
}

export function toNumber(hex: string): bigint {
  return BigInt(`0x${hex}`);
}

/** The shortest big-endian form whose first bit is the sign, as Java's BigInteger writes it. */
export function signedBytes(number: bigint): Buffer {
  const hex = number.toString(16);
  const even = hex.length % 2 === 1 ? `0${hex}` : hex;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex');
}

/** `base ** exponent` modulo the prime. */
export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % PRIME;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
  }
  return result;
}

function hashNumbers(first: bigint, second: bigint): bigint {
  const hash = createHash('sha256').update(signedBytes(first)).update(signedBytes(second));
  return toNumber(hash.digest('hex'));
}
