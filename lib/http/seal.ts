import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { secretText } from '../aws/secrets.ts';
import { env } from '../env.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * A text that only this installation can read again, and only for the same purpose: AES-256-GCM under the
 * installation's secret, in base64url.
 */
export async function seal(text: string, purpose: string): Promise<string> {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', await sealingKey(), nonce).setAAD(Buffer.from(purpose));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** The text that was sealed for this purpose, or undefined for anything else. */
export async function unseal(sealed: string, purpose: string): Promise<string | undefined> {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const key = await sealingKey();
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(purpose))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([
      decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)),
      decipher.final(),
    ]).toString();
  } catch {
    return undefined;
  }
}

async function sealingKey(): Promise<Buffer> {
  return createHash('sha256')
    .update('cursor\n')
    .update(await secretText(env.CURSOR_SECRET_ARN))
    .digest();
}
