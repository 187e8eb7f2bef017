import { describe, expect, it } from 'vitest';
import { declaredSchema } from '../../../lib/photos/create.ts';
import { photoPatch } from '../../../lib/photos/manage.ts';
import { captionSchema, tagsSchema } from '../../../lib/photos/photo.ts';

describe('tags', () => {
  it.each([
    ['trimmed and in lower case, each once', [' Sea ', 'sea', 'SEA'], ['sea']],
    ['of every script, with their vowel signs', ['हिन्दी', 'ไทย', 'العربية'], ['हिन्दी', 'ไทย', 'العربية']],
    ['the same however they were typed', ['cafe\u0301', 'caf\u00e9'], ['caf\u00e9']],
    ['longer in lower case than before', ['İstanbul'], ['i\u0307stanbul']],
  ])('are taken: %s', (_what, given, taken) => {
    expect(tagsSchema.parse(given)).toEqual(taken);
  });

  it.each([
    ['nothing', ''],
    ['a space inside', 'a b'],
    ['markup', '<script>'],
    ['what turns the direction of writing', 'a\u202eb'],
    ['half a character', 'a\ud800'],
    ['51 letters', 'x'.repeat(51)],
  ])('are refused: %s', (_what, tag) => {
    expect(tagsSchema.safeParse([tag]).success).toBe(false);
  });

  it('are 30 at most', () => {
    expect(tagsSchema.safeParse(Array.from({ length: 31 }, (_, n) => `t${n}`)).success).toBe(false);
  });
});

describe('a caption', () => {
  it('is any text of 2 200 characters', () => {
    expect(captionSchema.parse(' 👩‍👩‍👧 at the sea\n ')).toBe('👩‍👩‍👧 at the sea');
    expect(captionSchema.safeParse('x'.repeat(2_201)).success).toBe(false);
  });

  it('is no text with half a character, which the table would refuse', () => {
    expect(captionSchema.safeParse('a\ud800').success).toBe(false);
  });
});

describe('a declaration', () => {
  const declared = { contentType: 'image/jpeg', bytes: 1, sha256: `${'A'.repeat(43)}=` };

  it('takes the one base64 text that 32 bytes have', () => {
    expect(declaredSchema.safeParse(declared).success).toBe(true);
    expect(declaredSchema.safeParse({ ...declared, sha256: `${'A'.repeat(42)}B=` }).success).toBe(false);
  });

  it.each([
    ['image/jpg', 'image/jpeg'],
    ['image/heic', 'image/heic'],
    ['', 'application/octet-stream'],
    [undefined, 'application/octet-stream'],
  ])('takes what systems say of a photo: %j', (contentType, meant) => {
    expect(declaredSchema.parse({ ...declared, contentType })).toMatchObject({ contentType: meant });
  });

  it.each([
    ['another length', { bytes: 0 }],
    ['more than 200 MB', { bytes: 200_000_001 }],
    ['a fraction of a byte', { bytes: 1.5 }],
    ['another type', { contentType: 'image/svg+xml' }],
    ['a hash in hex', { sha256: 'a'.repeat(64) }],
    ['an owner', { ownerId: 'somebody' }],
    ['a status', { status: 'ready' }],
    ['a prototype', JSON.parse('{"__proto__":{"status":"ready"}}')],
  ])('is refused with %s', (_what, changes) => {
    expect(declaredSchema.safeParse({ ...declared, ...changes }).success).toBe(false);
  });
});

it.each(['id', 'ownerId', 'status', 'verified', 'originalKey', 'version', 'trashedAt', 'exif'])(
  'a patch does not reach %s',
  (field) => {
    expect(photoPatch.safeParse({ [field]: 'x' }).success).toBe(false);
  },
);
