import { describe, expect, it } from 'vitest';
import { isFileOf, uploadMessage } from '../../../lib/photos/uploaded.ts';

const ofS3 = (key: string, changes: object = {}) => ({
  Records: [{ eventName: 'ObjectCreated:Post', s3: { object: { key, versionId: 'v1' } }, ...changes }],
});

describe('a message of the uploads queue', () => {
  it('names photo, key and version of what arrived', () => {
    expect(uploadMessage.parse(ofS3('originals/01ARZ3NDEKTSV4RRFFQ69G5FAV/a+b%2Bc'))).toEqual([
      {
        photoId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
        key: 'originals/01ARZ3NDEKTSV4RRFFQ69G5FAV/a b+c',
        versionId: 'v1',
      },
    ]);
  });

  it('may be the test that S3 makes of a notification', () => {
    expect(uploadMessage.parse({ Service: 'Amazon S3', Event: 's3:TestEvent' })).toEqual([]);
  });

  it('may be a photo that is put back to work, whose newest file will do', () => {
    const subject = { kind: 'photo', id: 'p', ownerId: 'o' };
    const fact = {
      id: 'x',
      type: 'photo.retried',
      version: 3,
      time: 't',
      correlationId: 'c',
      actor: { id: 'a' },
    };
    expect(uploadMessage.parse({ ...fact, subject, data: {} })).toEqual([
      { photoId: 'p', key: undefined, versionId: undefined },
    ]);
  });

  it.each([
    ['a removal', ofS3('originals/p/x', { eventName: 'ObjectRemoved:Delete' })],
    ['another event', { Event: 's3:Other' }],
    ['nothing', {}],
    ['no object', []],
  ])('is nothing else: %s', (_what, message) => {
    expect(uploadMessage.safeParse(message).success).toBe(false);
  });
});

it('an object of another name below a photo’s id is not its file', () => {
  const photo = { originalKey: 'originals/p/secret' };
  const arrival = { photoId: 'p', versionId: undefined };
  expect(isFileOf(photo, { ...arrival, key: 'originals/p/secret' })).toBe(true);
  expect(isFileOf(photo, { ...arrival, key: undefined })).toBe(true);
  expect(isFileOf(photo, { ...arrival, key: 'originals/p/other' })).toBe(false);
  expect(isFileOf(photo, { ...arrival, key: 'originals/p/secret/../secret' })).toBe(false);
});
