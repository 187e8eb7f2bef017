import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  beginExchange,
  isPublicNumber,
  makeVerifier,
  PRIME,
  proof,
  sessionKey,
  signedBytes,
  toNumber,
} from '../../../offline/issuer/srp.ts';
import { srpClient, srpTimestamp } from '../../support/srp-client.ts';

const identity = { poolName: 'Ab1Cd2Ef3', userId: 'alice' };
const block = Buffer.from('block0');

/** What the server expects of a client whose public number it has seen. */
function expected(password: string, salt: string, secret: bigint, publicA: bigint, timestamp: string) {
  const verifier = makeVerifier(identity, password, salt);
  const exchange = beginExchange(verifier, secret);
  const signature = proof(sessionKey(verifier, exchange, publicA), identity, block, timestamp);
  const challenge = {
    SALT: salt,
    SRP_B: exchange.publicB.toString(16),
    SECRET_BLOCK: block.toString('base64'),
    USER_ID_FOR_SRP: identity.userId,
  };
  return { signature: signature.toString('base64'), challenge };
}

describe('SRP as Cognito speaks it', () => {
  // Recorded from a foreign client, cognito-srp-helper 2.3.4.
  test('agrees with a client written by others', () => {
    const password = 'correct horse battery staple';
    const a = toNumber(
      '95b6fdcfb952c73ef0b5b51e7c5e33aecc7fb7c8cf954d9693798c061e77c728042cf5af8438494ebe27cf73c9e74f64' +
        'dca8a5b96dabad7ca29d493e69b66d33883b490b9680c7dc423f93104f848b744fad305418c9823734d675768773367c' +
        '87a67ef908073b20940252bd3e674bbd86fee63187a7d0ca55899ca4b3389c61',
    );
    const secret = toNumber(
      'bc72212fe91f3eb2682902af8c30016467da4e241698cb8553b243cf941e768d2eb74ee902b6f15b849398b24ee878fe' +
        '7bdcd7a06c54e30e2541b071c84ec7c2',
    );
    const timestamp = 'Sun Nov 22 22:38:09 UTC 2026';
    const client = srpClient('eu-west-1_Ab1Cd2Ef3', password, a);
    const salt = 'd4d53512125ef22e39ebe4d6717a42f9';
    const { signature, challenge } = expected(password, salt, secret, toNumber(client.SRP_A), timestamp);
    expect(signature).toBe('wBpoBUKGxv+gJeJhdgdef5n8sW/vrc+KugIDejXuDK8=');
    expect(client.sign(challenge, timestamp)).toBe(signature);
  });

  test('any password proves itself, and no other does', () => {
    const exponent = fc.bigInt({ min: 1n, max: 2n ** 256n });
    const salt = fc
      .bigInt({ min: 0n, max: 2n ** 128n - 1n })
      .map((number) => number.toString(16).padStart(32, '0'));
    const timestamp = srpTimestamp(0);
    fc.assert(
      fc.property(fc.string(), fc.string(), salt, exponent, exponent, (one, other, salt, a, b) => {
        const client = srpClient(`eu-west-1_${identity.poolName}`, one, a);
        const publicA = toNumber(client.SRP_A);
        const right = expected(one, salt, b, publicA, timestamp);
        expect(client.sign(right.challenge, timestamp)).toBe(right.signature);
        fc.pre(one !== other);
        const wrong = expected(other, salt, b, publicA, timestamp);
        expect(client.sign(wrong.challenge, timestamp)).not.toBe(wrong.signature);
      }),
      { numRuns: 8 },
    );
  }, 30_000);

  test('a multiple of the prime is no public number', () => {
    expect([0n, PRIME, 2n * PRIME].map(isPublicNumber)).toEqual([false, false, false]);
    expect([1n, PRIME - 1n, PRIME + 1n].map(isPublicNumber)).toEqual([true, true, true]);
  });

  test.each([
    [0x7fn, '7f'],
    [0x80n, '0080'],
    [0x1n, '01'],
    [0x123n, '0123'],
    [0xf00n, '0f00'],
    [0xffffn, '00ffff'],
  ])('numbers are hashed with room for their sign', (number, hex) => {
    expect(signedBytes(number).toString('hex')).toBe(hex);
  });
});
