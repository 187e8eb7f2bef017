import fc from 'fast-check';
import type { Profile } from '../../../lib/recommendations/profile.ts';

/** Profiles of all kinds: of known and unknown photos and types, at any time, with any value. */
export function profiles(photoIds: readonly string[]): fc.Arbitrary<Profile> {
  return fc.array(
    fc.record(
      {
        photoId: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...photoIds) }, fc.string()),
        type: fc.constantFrom(
          'view',
          'like',
          'share',
          'comment',
          'dismiss',
          'rating',
          'impression',
          '__proto__',
        ),
        at: fc.oneof(fc.integer({ min: 1_767_000_000_000, max: 1_790_000_000_000 }), fc.double()),
        value: fc.double(),
      },
      { requiredKeys: ['photoId', 'type', 'at'] },
    ),
    { maxLength: 60 },
  );
}
