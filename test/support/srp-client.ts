import { createHash, createHmac, randomBytes } from 'node:crypto';

/**
 * The client's half of Cognito's SRP, written from the specifications (RFC 2945, RFC 5054, RFC 5869, and the
 * prime of RFC 3526, section 4) and sharing nothing with the server's half that it tests.
 */
const N = BigInt(
  `0x${[
    'FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD',
    'EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED',
    'EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F',
    '83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B',
    'E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510',
    '15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7',
    'ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C',
    'BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF',
  ].join('')}`,
);
const g = 2n;

/** The challenge's parameters as Cognito answers them. */
export interface SrpChallenge {
  readonly SALT: string;
  readonly SRP_B: string;
  readonly SECRET_BLOCK: string;
  readonly USER_ID_FOR_SRP: string;
}

/** `a` is the client's secret exponent: random unless a test fixes it. */
export function srpClient(poolId: string, password: string, a = toInteger(randomBytes(128))) {
  const A = modPow(g, a);
  return {
    SRP_A: A.toString(16),
    /** What proves the password to the server: PASSWORD_CLAIM_SIGNATURE. */
    sign(challenge: SrpChallenge, timestamp: string): string {
      const poolName = poolId.split('_')[1] ?? '';
      const block = Buffer.from(challenge.SECRET_BLOCK, 'base64');
      const B = BigInt(`0x${challenge.SRP_B}`);
      const identity = sha256(Buffer.from(`${poolName}${challenge.USER_ID_FOR_SRP}:${password}`));
      const x = toInteger(sha256(bytesOf(BigInt(`0x${challenge.SALT}`)), identity));
      const u = toInteger(sha256(bytesOf(A), bytesOf(B)));
      const k = toInteger(sha256(bytesOf(N), bytesOf(g)));
      const base = (((B - k * modPow(g, x)) % N) + N) % N;
      const S = modPow(base, a + u * x);
      // RFC 5869 with one round of expansion, cut to 128 bits.
      const extracted = hmac(bytesOf(u), bytesOf(S));
      const key = hmac(extracted, Buffer.from('Caldera Derived Key\u0001')).subarray(0, 16);
      const parts = [poolName, challenge.USER_ID_FOR_SRP].map((part) => Buffer.from(part));
      return hmac(key, ...parts, block, Buffer.from(timestamp)).toString('base64');
    },
  };
}

/** The time in the form that Cognito asks for: `Sun Nov 2 09:05:07 UTC 2026`. */
export function srpTimestamp(milliseconds: number): string {
  const [, day, date, month, year, time] =
    /^(\w+), (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(milliseconds).toUTCString()) ?? [];
  return `${day} ${month} ${Number(date)} ${time} UTC ${year}`;
}

function modPow(base: bigint, exponent: bigint): bigint {
  const bits = exponent.toString(2);
  let result = 1n;
  for (const bit of bits) {
    result = (result * result) % N;
    if (bit === '1') result = (result * base) % N;
  }
  return result;
}

/** Two's complement, big-endian, as short as it can be. */
function bytesOf(number: bigint): Buffer {
  const hex = number.toString(16);
  const padded = hex.padStart(hex.length + (hex.length % 2), '0');
  const bytes = Buffer.from(padded, 'hex');
  return (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

function toInteger(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function sha256(...parts: Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

function hmac(key: Buffer, ...parts: Buffer[]): Buffer {
  return createHmac('sha256', key).update(Buffer.concat(parts)).digest();
}
