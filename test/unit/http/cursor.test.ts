import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { openCursor, sealCursor } from '../../../lib/http/cursor.ts';

const secrets = mockClient(SecretsManagerClient);

beforeEach(() => {
  secrets.on(GetSecretValueCommand).resolves({ SecretString: 'a secret of this installation' });
});

describe('cursors', () => {
  it('open to the position they were sealed with, for the same list', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (position, listing) => {
        expect(await openCursor(await sealCursor(position, listing), listing)).toBe(position);
      }),
    );
  });

  it('do not open for another list', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), fc.string(), async (position, listing, other) => {
        fc.pre(listing !== other);
        await expect(openCursor(await sealCursor(position, listing), other)).rejects.toMatchObject({
          status: 400,
          code: 'cursor-invalid',
        });
      }),
    );
  });

  it('do not open with any one byte changed', async () => {
    const bytes = Buffer.from(await sealCursor('position', 'list'), 'base64url');
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      await expect(openCursor(changed.toString('base64url'), 'list')).rejects.toMatchObject({
        code: 'cursor-invalid',
      });
    }
  });

  it.each(['', 'x', '../../etc/passwd', 'a'.repeat(2_048), '💥'])('refuse %j', async (cursor) => {
    await expect(openCursor(cursor, 'list')).rejects.toMatchObject({ status: 400, code: 'cursor-invalid' });
  });

  it('show nothing of the position', async () => {
    const position = 'PHOTO#01ARZ3NDEKTSV4RRFFQ69G5FAV';
    const cursor = await sealCursor(position, 'list');
    expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toContain('PHOTO');
    expect(await sealCursor(position, 'list')).not.toBe(cursor);
  });
});
