import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The public half of the signing key, as `jwks.json` serves it. */
export interface PublicJwk {
  readonly kty: 'RSA';
  readonly alg: 'RS256';
  readonly use: 'sig';
  readonly kid: string;
  readonly n: string;
  readonly e: string;
}

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly publicJwk: PublicJwk;
  /** 32 bytes that stay the same as long as the key does, one value per purpose. */
  secret(purpose: string): Buffer;
}

/** The folder of the issuer's state inside the state folder; only its owner may look into it. */
export function issuerDir(stateDir: string): string {
  const folder = join(stateDir, 'cognito-idp');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** The RSA key that signs every token: made on first use, then kept in the state folder for its owner only. */
export function openSigningKey(stateDir: string): SigningKey {
  const file = join(issuerDir(stateDir), 'signing-key.pem');
  if (!existsSync(file)) createKeyFile(file);
  const privateKey = createPrivateKey(readFileSync(file));
  const publicKey = createPublicKey(privateKey);
  const publicJwk = toPublicJwk(publicKey);
  const seed = privateKey.export({ type: 'pkcs8', format: 'der' });
  const secret = (purpose: string) => Buffer.from(hkdfSync('sha256', seed, '', purpose, 32));
  return { kid: publicJwk.kid, privateKey, publicKey, publicJwk, secret };
}

function createKeyFile(file: string): void {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const unfinished = `${file}.next`;
  writeFileSync(unfinished, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  renameSync(unfinished, file);
}

function toPublicJwk(publicKey: KeyObject): PublicJwk {
  const { n, e } = publicKey.export({ format: 'jwk' }) as { n: string; e: string };
  // RFC 7638: the members in alphabetical order, nothing else.
  const kid = createHash('sha256')
    .update(JSON.stringify({ e, kty: 'RSA', n }))
    .digest('base64url');
  return { kty: 'RSA', alg: 'RS256', use: 'sig', kid, n, e };
}
