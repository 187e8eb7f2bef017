import { describe, expect, it } from 'vitest';
import { activityEvent } from '../../../lib/activity/event.ts';
import { factOf } from '../../../lib/activity/facts.ts';
import { sharesPhoto } from '../../../lib/activity/fan-out.ts';
import { aPhotoItem } from '../../support/items.ts';

const at = new Date('2026-05-01T10:00:00.000Z');

const status = (value: string) => ({ status: value });

describe('factOf a photo', () => {
  it.each([
    ['made', undefined, {}, undefined],
    ['begun', status('uploading'), status('processing'), undefined],
    ['made ready', status('processing'), status('ready'), 'photo.ready'],
    ['rejected', status('processing'), status('rejected'), 'photo.rejected'],
    ['failed', status('processing'), status('failed'), 'photo.failed'],
    ['expired', status('uploading'), status('expired'), 'photo.expired'],
    ['revived after expiry', status('expired'), status('processing'), undefined],
    ['put back to work', status('failed'), status('processing'), 'photo.retried'],
    ['found outdated', {}, { outdatedAt: at.toISOString() }, 'photo.outdated'],
    ['found outdated again', { outdatedAt: at.toISOString() }, { outdatedAt: 'later' }, 'photo.outdated'],
    ['rendered again', { outdatedAt: at.toISOString() }, {}, undefined],
    ['captioned', { caption: 'a' }, { caption: 'b' }, 'photo.updated'],
    ['tagged', { tags: [] }, { tags: ['x'] }, 'photo.updated'],
    ['hidden', { visibility: 'public' }, { visibility: 'private' }, 'photo.updated'],
    ['written without a change', {}, {}, undefined],
    ['trashed', {}, { trashedAt: at.toISOString() }, 'photo.trashed'],
    ['restored', { trashedAt: at.toISOString() }, {}, 'photo.restored'],
  ])('that is %s', (_what, before, after, type) => {
    const change = { before: before && aPhotoItem(before), after: aPhotoItem({ ...after, version: 2 }), at };
    expect(factOf(change)?.type).toBe(type);
  });

  it('names a removal by the version after the last', () => {
    const fact = factOf({ before: aPhotoItem({ version: 7 }), after: undefined, at });
    expect(fact).toMatchObject({ type: 'photo.deleted', version: 8, id: expect.stringMatching(/\/8$/) });
  });

  it('gives the same fact for the same record, in the shape that consumers parse', () => {
    const change = {
      before: aPhotoItem(status('processing')),
      after: aPhotoItem({ ...status('ready'), version: 3 }),
      at,
    };
    expect(factOf(change)).toEqual(factOf(change));
    expect(() => activityEvent.parse(factOf(change))).not.toThrow();
  });

  it('tells what the visibility was before', () => {
    const before = aPhotoItem({ visibility: 'private' });
    const after = aPhotoItem({ visibility: 'followers', version: 2 });
    expect(factOf({ before, after, at })?.data).toMatchObject({
      visibility: 'followers',
      previousVisibility: 'private',
    });
  });
});

describe('factOf anything else', () => {
  const createdAt = '2026-05-01T10:00:00.750Z';
  const edge = { entity: 'follow', followerId: 'ana', followeeId: 'ben', createdAt, correlationId: 'c' };

  it('announces a follow edge that comes and goes, under different ids', () => {
    const made = factOf({ before: undefined, after: edge, at });
    const gone = factOf({ before: edge, after: undefined, at });
    expect([made?.type, gone?.type]).toEqual(['follow.created', 'follow.deleted']);
    expect(made?.id).not.toBe(gone?.id);
  });

  it('dates the end of an edge after its beginning, though the stream knows only the second', () => {
    const gone = factOf({ before: edge, after: undefined, at });
    expect(gone?.time).toBe('2026-05-01T10:00:00.751Z');
    const later = new Date('2026-05-01T10:00:02.000Z');
    expect(factOf({ before: edge, after: undefined, at: later })?.time).toBe(later.toISOString());
  });

  it.each(['feed', 'notification', 'hash', 'user', 'idempotency'])(
    'keeps quiet about a %s item',
    (entity) => {
      expect(factOf({ before: undefined, after: { entity }, at })).toBeUndefined();
    },
  );
});

describe('sharesPhoto', () => {
  const shared = (before: Record<string, unknown>, after: Record<string, unknown>) => {
    const fact = factOf({ before: aPhotoItem(before), after: aPhotoItem({ ...after, version: 2 }), at });
    return fact !== undefined && sharesPhoto(fact);
  };

  it.each([
    ['ready and public', status('processing'), { status: 'ready', visibility: 'public' }, true],
    ['ready for followers', status('processing'), { status: 'ready', visibility: 'followers' }, true],
    ['ready but private', status('processing'), { status: 'ready', visibility: 'private' }, false],
    ['ready in the trash', status('processing'), { status: 'ready', trashedAt: 't' }, false],
    ['shown after being private', { visibility: 'private' }, { visibility: 'public' }, true],
    ['opened from followers to all', { visibility: 'followers' }, { visibility: 'public' }, false],
    ['captioned', { caption: 'a' }, { caption: 'b' }, false],
    [
      'captioned while still processing',
      { status: 'processing', caption: 'a' },
      { status: 'processing' },
      false,
    ],
    ['restored', { trashedAt: 't' }, {}, true],
  ])('%s', (_what, before, after, expected) => {
    expect(shared(before, after)).toBe(expected);
  });
});
