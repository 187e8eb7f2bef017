import type { Place } from './exif.ts';

/** How exactly a place is told, from the finest to the coarsest. */
export const PRECISIONS = ['exact', 'street', 'neighbourhood', 'city', 'none'] as const;

export type Precision = (typeof PRECISIONS)[number];

/**
 * Decimals of a degree. The quarter of a meridian has 10 000 km and 90 degrees, so a degree of latitude is about
 * 111 km, and one of longitude that or less: three decimals are about 100 m, two 1 km, one 10 km.
 */
const DECIMALS = { street: 3, neighbourhood: 2, city: 1 } as const;

/** The place told no finer than this: degrees rounded, the altitude with `exact` alone; null with `none`. */
export function coarsened(place: Place, precision: Precision): Place | null {
  if (precision === 'none') return null;
  if (precision === 'exact') return place;
  const parts = 10 ** DECIMALS[precision];
  // Adding 0 makes 0 of -0, which JSON has no way to write.
  const rounded = (degrees: number) => Math.round(degrees * parts) / parts + 0;
  return { latitude: rounded(place.latitude), longitude: rounded(place.longitude), altitude: null };
}

export function isCoarser(precision: Precision, than: Precision): boolean {
  return PRECISIONS.indexOf(precision) > PRECISIONS.indexOf(than);
}
