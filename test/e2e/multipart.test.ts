import { beforeAll, describe, expect, it } from 'vitest';
import { objectsOf } from '../support/e2e/aws.ts';
import {
  aLargePicture,
  arrived,
  aSlotInParts,
  complete,
  cut,
  sendParts,
  uploadsUnderWay,
} from '../support/e2e/parts.ts';
import { type Person, people } from '../support/e2e/person.ts';
import { download, settled, sha256Of } from '../support/e2e/photos.ts';

const MIB = 1024 * 1024;

let alice: Person;
beforeAll(async () => {
  [alice] = await people('alice');
});

describe('a file that comes in parts', () => {
  it('is whole once all parts are there, in whatever order they came', async () => {
    const file = await aLargePicture(20 * MIB);
    const { photo, upload } = await aSlotInParts(alice, file);
    expect(upload).toMatchObject({ method: 'PUT', partBytes: 8 * MIB, parts: 3 });
    await sendParts(alice, photo, file, upload, 3, 1, 2);
    expect(await arrived(alice, photo)).toEqual(
      [1, 2, 3].map((partNumber) => {
        const bytes = cut(file, upload, partNumber);
        return { partNumber, bytes: bytes.length, sha256: sha256Of(bytes) };
      }),
    );
    const { status, body } = await complete(alice, photo);
    expect([status, body.photo.status]).toEqual([202, 'processing']);
    expect(await settled(alice, photo.id)).toMatchObject({ status: 'ready', format: 'png', bytes: 20 * MIB });
    expect(await uploadsUnderWay(photo)).toBe(0);
    expect(await objectsOf(photo.id)).toHaveLength(7);
    const { headers } = await alice.get(`/photos/${photo.id}/original`);
    expect((await download(headers.get('location') ?? '')).body.equals(file)).toBe(true);
  });
});
