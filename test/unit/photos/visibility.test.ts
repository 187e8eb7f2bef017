import { BatchGetCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dynamodb } from '../../../lib/aws/dynamodb.ts';
import { STATUSES, toPhoto } from '../../../lib/photos/photo.ts';
import { presentPhoto } from '../../../lib/photos/view.ts';
import { visibleTo } from '../../../lib/photos/visibility.ts';
import { aPhotoItem, OWNER_ID } from '../../support/items.ts';

const table = mockClient(dynamodb);
const FAN = '11111111-1111-4111-8111-111111111111';
const STRANGER = '22222222-2222-4222-8222-222222222222';

beforeEach(() => {
  table.on(BatchGetCommand).callsFake(({ RequestItems }) => ({
    Responses: {
      'afterparty-test-table': RequestItems['afterparty-test-table'].Keys.filter(
        ({ pk, sk }: { pk: string; sk: string }) => pk === `USER#${FAN}` && sk === `FOLLOWS#${OWNER_ID}`,
      ),
    },
  }));
});

afterEach(() => table.reset());

const chosen = (locationPrecision: string) =>
  table.on(GetCommand, { Key: { pk: `USER#${OWNER_ID}`, sk: 'PROFILE' } }).resolves({
    Item: { id: OWNER_ID, handle: 'ana', name: 'Ana', version: 1, createdAt: '', locationPrecision },
  });

const state = fc.record({
  status: fc.constantFrom(...STATUSES),
  visibility: fc.constantFrom('public', 'followers', 'private'),
  trashedAt: fc.option(fc.constant('2026-05-01T00:00:00.000Z'), { nil: undefined }),
});

describe('visibleTo', () => {
  it('shows everything to the owner, and to others what is ready, out of the trash and meant for them', async () => {
    const viewer = fc.constantFrom(OWNER_ID, FAN, STRANGER, undefined);
    await fc.assert(
      fc.asyncProperty(state, viewer, async (changes, viewerId) => {
        const meant = { public: true, followers: viewerId === FAN, private: false }[changes.visibility];
        const expected =
          viewerId === OWNER_ID || (changes.status === 'ready' && changes.trashedAt === undefined && meant);
        expect((await visibleTo(viewerId, [toPhoto(aPhotoItem(changes))])).length).toBe(expected ? 1 : 0);
      }),
    );
  });
});

describe('a photo as others see it', () => {
  const exif = {
    takenAt: '2026-04-01T12:00:00+02:00',
    takenAtLocal: '2026-04-01T12:00:00',
    camera: { make: 'Maker', model: 'Model' },
    lens: null,
    exposure: null,
    gps: { latitude: 47.123, longitude: 8.456, altitude: null },
  };
  const photo = toPhoto(aPhotoItem({ exif }));

  it.each([FAN, STRANGER, undefined])(
    'says nothing of place, camera, hash or original to %s',
    async (viewer) => {
      const shown = JSON.stringify(await presentPhoto(viewer, photo));
      for (const secret of ['47.123', 'Maker', photo.sha256, photo.originalKey, 'correlation-1']) {
        expect(shown).not.toContain(secret);
      }
    },
  );

  it('says to its owner where it was taken, and still not where the original lies', async () => {
    chosen('exact');
    const shown = JSON.stringify(await presentPhoto(OWNER_ID, photo));
    expect(shown).toContain('47.123');
    expect(shown).not.toContain(photo.originalKey);
  });

  it.each([
    ['neighbourhood', undefined, { latitude: 47.12, longitude: 8.46, altitude: null }],
    ['none', undefined, null],
    ['none', 'city', { latitude: 47.1, longitude: 8.5, altitude: null }],
    ['city', 'exact', exif.gps],
    ['exact', 'none', null],
  ])(
    'says to its owner no finer where it was than %s, or %s for this photo, whatever is kept still',
    async (all, locationPrecision, gps) => {
      chosen(all);
      const one = toPhoto(aPhotoItem({ exif, ...(locationPrecision && { locationPrecision }) }));
      expect((await presentPhoto(OWNER_ID, one)).exif).toEqual({ ...exif, gps });
    },
  );
});
