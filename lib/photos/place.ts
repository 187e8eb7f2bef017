import type { Exif } from '../images/exif.ts';
import { coarsened, isCoarser, type Precision } from '../images/place.ts';
import { findUser } from '../people/user.ts';
import { type Condition, is, without } from '../table/condition.ts';
import type { Photo } from './photo.ts';

type Chosen = Pick<Photo, 'ownerId' | 'locationPrecision'>;
type Told = Pick<Photo, 'exif' | 'keptPrecision'>;

/** How exactly the owner wants the photo's place kept: as chosen for this photo, else for all of theirs. */
export async function precisionOf({ ownerId, locationPrecision }: Chosen): Promise<Precision> {
  return locationPrecision ?? (await findUser(ownerId))?.locationPrecision ?? 'exact';
}

/** What may be kept of what EXIF says. */
export function keptOf(exif: Exif, precision: Precision): Told {
  return {
    exif: { ...exif, gps: exif.gps && coarsened(exif.gps, precision) },
    keptPrecision: precision,
  };
}

/** What must stand instead of what is kept; undefined where that is coarse enough. */
export function coarserThanKept({ exif, keptPrecision = 'exact' }: Told, precision: Precision) {
  return exif?.gps && isCoarser(precision, keptPrecision) ? keptOf(exif, precision) : undefined;
}

/** Whether the original says more of the place than is kept, and its owner wants more. */
export function isKeptTooCoarse({ exif, keptPrecision = 'exact' }: Told, precision: Precision): boolean {
  const mayHavePlace = keptPrecision === 'none' || Boolean(exif?.gps);
  return exif !== undefined && mayHavePlace && isCoarser(keptPrecision, precision);
}

/** Whether the choice for this photo is what it was when it was read. */
export function sameChoice({ locationPrecision }: Pick<Photo, 'locationPrecision'>): Condition {
  return locationPrecision === undefined
    ? without('locationPrecision')
    : is('locationPrecision', locationPrecision);
}
