import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { secretText } from '../aws/secrets.ts';
import { env } from '../env.ts';
import { Problem } from '../problem.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * An opaque cursor for `position`, bound to `listing` (route, caller and filters): sealed with AES-256-GCM
 * under the installation's secret, so that it can be neither read nor moved to another list.
 */
export async function sealCursor(position: string, listing: string): Promise<string> {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', await sealingKey(), nonce).setAAD(Buffer.from(listing));
  const sealed = Buffer.concat([cipher.update(position, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** The position a cursor was made for; throws 400 `cursor-invalid` for one that was not made for `listing`. */
export async function openCursor(cursor: string, listing: string): Promise<string> {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw invalidCursor();
  const key = await sealingKey();
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(listing))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([
      decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)),
      decipher.final(),
    ]).toString();
  } catch {
    throw invalidCursor();
  }
}

async function sealingKey(): Promise<Buffer> {
  return createHash('sha256')
    .update('cursor\n')
    .update(await secretText(env.CURSOR_SECRET_ARN))
    .digest();
}

function invalidCursor(): Problem {
  return new Problem(
    400,
    'cursor-invalid',
    'The cursor was not made for this list; start again without one.',
  );
}
