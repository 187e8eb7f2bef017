import { expect, test } from 'vitest';
import { hashOf } from '../../../lib/recommendations/random.ts';
import { examinationOf } from '../../../offline/personalize/measure.ts';

/** Somebody who is asked. */
const person = Array.from({ length: 100 }, (_, at) => `person ${at}`).find(
  (name) => hashOf(name, 1) % 10 === 0,
) as string;

test('a photo that is held out is held out with all that was done with it', () => {
  const rows = [
    ['again', 'view', 1],
    ['early', 'view', 2],
    ['again', 'like', 3],
  ] as const;
  const { rest, asked } = examinationOf({
    persons: rows.map(() => person),
    photos: rows.map(([photo]) => photo),
    types: rows.map(([, type]) => type),
    times: rows.map(([, , time]) => time),
  });
  expect(asked).toEqual([
    { profile: [{ photoId: 'early', type: 'view', at: 2 }], targets: new Set(['again']) },
  ]);
  expect(rest.photos).toEqual(['early']);
});

test('nobody is asked who did something with one photo only', () => {
  const { rest, asked } = examinationOf({
    persons: [person, person],
    photos: ['only', 'only'],
    types: ['view', 'like'],
    times: [1, 2],
  });
  expect(asked).toEqual([]);
  expect(rest.photos).toEqual(['only', 'only']);
});
