import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Principal } from '../../contract.ts';

/** A key as a client is given it. `sessionToken` is there for temporary keys only. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A key as the gateway knows it. */
export interface AccessKey extends Credentials {
  readonly principal: Principal;
  /** Milliseconds since the epoch, on the stack's clock. */
  readonly expiresAt: number;
  /** The signing key for a scope; derived once a day, region and service. */
  signingKey(date: string, region: string, service: string): KeyObject;
}

/**
 * The keys that the gateway accepts. All are derived from one secret in the state folder, so that the
 * developer's key and every URL that a function has signed outlive a restart.
 */
export class Keys {
  readonly #root: Buffer;
  readonly #keys = new Map<string, AccessKey>();
  /** The long-lived key for the command line and tests. */
  readonly developer: Credentials;

  constructor(stateDir: string, account: string) {
    this.#root = rootSecret(stateDir);
    const principal: Principal = { kind: 'developer', arn: `arn:aws:iam::${account}:user/developer` };
    const { accessKeyId, secretAccessKey } = this.#derive('AKIA', JSON.stringify(principal));
    this.developer = { accessKeyId, secretAccessKey };
    this.#accept(this.developer, principal, Number.POSITIVE_INFINITY);
  }

  /**
   * A temporary key for `principal`; the same principal gets the same key again.
   * @param expiresAt milliseconds since the epoch on the stack's clock; never when left out
   */
  issue(principal: Principal, expiresAt = Number.POSITIVE_INFINITY): Required<Credentials> {
    const credentials = this.#derive('ASIA', JSON.stringify(principal));
    this.#accept(credentials, principal, expiresAt);
    return credentials;
  }

  /** From now on the key is unknown, until it is issued again. */
  revoke(accessKeyId: string): void {
    this.#keys.delete(accessKeyId);
  }

  find(accessKeyId: string): AccessKey | undefined {
    return this.#keys.get(accessKeyId);
  }

  #derive(prefix: 'AKIA' | 'ASIA', owner: string): Required<Credentials> {
    const draw = (what: string) =>
      createHmac('sha512', this.#root).update(`${prefix}/${what}/${owner}`).digest();
    return {
      accessKeyId: `${prefix}${base32(draw('id')).slice(0, 16)}`,
      secretAccessKey: draw('secret').toString('base64').slice(0, 40),
      sessionToken: draw('token').toString('base64'),
    };
  }

  #accept(credentials: Credentials, principal: Principal, expiresAt: number): void {
    this.#keys.set(credentials.accessKeyId, accessKey(credentials, principal, expiresAt));
  }
}

/** A key that derives each of its signing keys once. */
export function accessKey(
  credentials: Credentials,
  principal: Principal,
  expiresAt = Number.POSITIVE_INFINITY,
): AccessKey {
  const derived = new Map<string, KeyObject>();
  return {
    ...credentials,
    principal,
    expiresAt,
    signingKey(date, region, service) {
      const scope = `${date}/${region}/${service}`;
      const known =
        derived.get(scope) ?? deriveSigningKey(credentials.secretAccessKey, date, region, service);
      if (derived.size > 64) derived.clear();
      derived.set(scope, known);
      return known;
    },
  };
}

/** Source: AWS IAM User Guide, "Create a signed AWS API request", step 4. */
function deriveSigningKey(secret: string, date: string, region: string, service: string): KeyObject {
  const chain = [date, region, service, 'aws4_request'];
  const key = chain.reduce<Buffer>(
    (previous, part) => createHmac('sha256', previous).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  // A key object takes a signature in an eighth of the time that the bare bytes take.
  return createSecretKey(key);
}

function rootSecret(stateDir: string): Buffer {
  const file = join(stateDir, 'gateway-secret');
  if (!existsSync(file)) {
    mkdirSync(stateDir, { recursive: true });
    writeFileSync(`${file}.next`, randomBytes(32).toString('hex'), { mode: 0o600 });
    renameSync(`${file}.next`, file);
  }
  return Buffer.from(readFileSync(file, 'utf8'), 'hex');
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(bytes: Buffer): string {
  return Array.from(bytes, (byte) => BASE32[byte & 31]).join('');
}
