import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coarsened, isCoarser, PRECISIONS } from '../../../lib/images/place.ts';

const EIFFEL_TOWER = { latitude: 48.8582599, longitude: 2.2945006, altitude: 33 };
const METRES_A_DEGREE = 111_195;

const place = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }).map((degrees) => degrees + 0),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }).map((degrees) => degrees + 0),
  altitude: fc.option(fc.double({ min: -400, max: 9_000, noNaN: true })),
});

it.each([
  ['exact', EIFFEL_TOWER],
  ['street', { latitude: 48.858, longitude: 2.295, altitude: null }],
  ['neighbourhood', { latitude: 48.86, longitude: 2.29, altitude: null }],
  ['city', { latitude: 48.9, longitude: 2.3, altitude: null }],
  ['none', null],
] as const)('the Eiffel Tower is told as %s', (precision, told) => {
  expect(coarsened(EIFFEL_TOWER, precision)).toEqual(told);
});

it.each([
  ['street', 56],
  ['neighbourhood', 556],
  ['city', 5_560],
] as const)(
  '%s is no more than %i m off to the north or the south, and stays where it is',
  (precision, metres) => {
    fc.assert(
      fc.property(place, (exact) => {
        const told = coarsened(exact, precision);
        if (!told) throw new Error('Expected a place.');
        expect(Math.abs(told.latitude - exact.latitude) * METRES_A_DEGREE).toBeLessThanOrEqual(metres);
        expect(Math.abs(told.latitude) <= 90 && Math.abs(told.longitude) <= 180).toBe(true);
        expect(JSON.parse(JSON.stringify(told))).toEqual(told);
        expect(coarsened(told, precision)).toEqual(told);
      }),
    );
  },
);

it('nothing is coarser than itself, and everything than what comes before it', () => {
  for (const [i, one] of PRECISIONS.entries()) {
    expect(PRECISIONS.map((other) => isCoarser(other, one))).toEqual(PRECISIONS.map((_, j) => j > i));
  }
});
