import * as z from 'zod';
import { isCoarser } from '../images/place.ts';
import { coarseningOf } from '../photos/coarsen.ts';
import { storageOf } from '../photos/storage.ts';
import { versionMismatch } from '../problem.ts';
import { is } from '../table/condition.ts';
import { keys } from '../table/keys.ts';
import { ConditionFailed, transact } from '../table/write.ts';
import { locationPrecisionSchema, personView, toPerson, type User, userNamed } from './user.ts';

/** A person as they see themselves. */
export const meView = personView
  .extend({
    version: z.number().int(),
    locationPrecision: locationPrecisionSchema.meta({
      description: 'For photos without a choice of their own.',
    }),
    storage: z
      .object({ used: z.number().int(), quota: z.number().int() })
      .meta({ description: 'Bytes of originals that are kept, and that may be.' }),
  })
  .meta({ id: 'Me' });

/** A JSON merge patch of oneself: null stands for the default. */
export const mePatch = z.strictObject({ locationPrecision: locationPrecisionSchema.nullable().optional() });

export async function presentMe(user: User): Promise<z.infer<typeof meView>> {
  const { version, locationPrecision } = user;
  return { ...toPerson(user), version, locationPrecision, storage: await storageOf(user.id) };
}

/** The person's version for If-Match. */
export function headersOf({ version }: User): Record<string, string> {
  return { etag: `"${version}"` };
}

/**
 * Changes what the person has chosen. A coarser place holds for their earlier photos too, which are gone through
 * afterwards. 412 where `ifVersion` is not the version any more.
 */
export async function editMe(
  user: User,
  patch: z.infer<typeof mePatch>,
  ifVersion: number | undefined,
  now = new Date(),
): Promise<User> {
  if (ifVersion !== undefined && ifVersion !== user.version) {
    throw versionMismatch('person', ifVersion, user.version);
  }
  const locationPrecision =
    patch.locationPrecision === undefined ? user.locationPrecision : (patch.locationPrecision ?? 'exact');
  const isLess = isCoarser(locationPrecision, user.locationPrecision);
  try {
    await transact(
      [
        { update: keys.user(user.id), set: { locationPrecision }, when: is('version', user.version) },
        ...(isLess ? [coarseningOf(user.id, now)] : []),
      ],
      now,
    );
    return { ...user, locationPrecision, version: user.version + 1 };
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return editMe(await userNamed(user.id), patch, ifVersion, now);
  }
}
