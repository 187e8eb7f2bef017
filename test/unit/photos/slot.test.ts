import { describe, expect, it } from 'vitest';
import { originalFor, renditionUrl } from '../../../lib/photos/media-url.ts';
import { toPhoto } from '../../../lib/photos/photo.ts';
import { uploadForm } from '../../../lib/photos/slot.ts';
import { aPhotoItem, OWNER_ID } from '../../support/items.ts';

const photo = toPhoto(aPhotoItem({ format: 'jpeg' }));
const owner = { userId: OWNER_ID, username: 'ana' };

describe('the upload form', () => {
  it('is good for one key, type, length and hash, for a quarter of an hour', async () => {
    const { fields, url } = await uploadForm(photo);
    const policy = JSON.parse(Buffer.from(fields.Policy ?? '', 'base64').toString());
    expect(policy.conditions).toEqual(
      expect.arrayContaining([
        { key: photo.originalKey },
        { 'Content-Type': 'image/jpeg' },
        { 'x-amz-checksum-sha256': photo.sha256 },
        ['content-length-range', photo.bytes, photo.bytes],
      ]),
    );
    // Every field is bound: S3 refuses forms with fields that no condition names.
    const bound = policy.conditions.flatMap((condition: object) =>
      Array.isArray(condition) ? [] : Object.keys(condition).map((name) => name.toLowerCase()),
    );
    for (const name of Object.keys(fields)) {
      if (!['policy', 'x-amz-signature'].includes(name.toLowerCase()))
        expect(bound).toContain(name.toLowerCase());
    }
    expect(Date.parse(policy.expiration) - Date.now()).toBeLessThanOrEqual(15 * 60_000);
    expect(url).not.toContain(photo.originalKey);
  });
});

describe('signed URLs', () => {
  it('of originals make a browser save them, whatever they hold', async () => {
    const { searchParams } = new URL(await originalFor(owner, photo));
    expect(searchParams.get('response-content-type')).toBe('application/octet-stream');
    expect(searchParams.get('response-content-disposition')).toBe(`attachment; filename="${photo.id}.jpeg"`);
    expect(Number(searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(15 * 60);
  });

  it.each([undefined, { userId: '11111111-1111-4111-8111-111111111111', username: 'ben' }])(
    'of originals are for nobody but the owner: %j',
    (caller) => {
      expect(() => originalFor(caller, photo)).toThrow(expect.objectContaining({ status: 403 }));
    },
  );

  it('of renditions are the same for five minutes and live 10 to 15', async () => {
    const rendition = {
      name: 'small',
      key: 'renditions/p/a.webp',
      format: 'webp',
      width: 1,
      height: 1,
      bytes: 1,
    } as const;
    const at = (time: string) => renditionUrl(rendition, new Date(`2026-05-01T10:${time}Z`));
    expect(await at('00:00.000')).toBe(await at('04:59.999'));
    expect(await at('00:00.000')).not.toBe(await at('05:00.000'));
    const { searchParams } = new URL(await at('04:59.999'));
    expect(searchParams.get('X-Amz-Date')).toBe('20260501T100000Z');
    expect(searchParams.get('X-Amz-Expires')).toBe('900');
    expect(searchParams.get('response-content-type')).toBe('image/webp');
  });
});
