import { describe, expect, test } from 'vitest';
import type { Interactions } from '../../../lib/recommendations/interactions.ts';
import { countsOf, isEnough } from '../../../lib/training/enough.ts';
import { interactionsCsv, itemsCsv, learntRows } from '../../../lib/training/rows.ts';

type Row = readonly [person: string, photo: string, type: string, time: number, value?: number];

function interactionsOf(...rows: Row[]): Interactions {
  return {
    persons: rows.map(([person]) => person),
    photos: rows.map(([, photo]) => photo),
    types: rows.map(([, , type]) => type),
    times: rows.map(([, , , time]) => time),
    values: rows.map(([, , , , value = Number.NaN]) => value),
  };
}

describe('what Personalize learns from', () => {
  test('is what it is told of: no impressions, dismissals or bad ratings', () => {
    const rows = learntRows(
      interactionsOf(
        ['ana', 'a', 'impression', 1_000],
        ['ana', 'a', 'view', 2_000],
        ['ana', 'b', 'dismiss', 3_000],
        ['ana', 'c', 'rating', 4_000, 1],
        ['ana', 'd', 'rating', 5_000, 5],
      ),
    );
    expect(rows).toEqual([
      { person: 'ana', photo: 'a', type: 'view', second: 2 },
      { person: 'ana', photo: 'd', type: 'rating', second: 5, value: 5 },
    ]);
  });

  test('counts once what comes twice in a second', () => {
    const rows = learntRows(
      interactionsOf(
        ['ana', 'a', 'view', 1_000],
        ['ana', 'a', 'view', 1_999],
        ['ana', 'a', 'like', 1_000],
        ['ana', 'a', 'view', 2_000],
        ['bert', 'a', 'view', 1_000],
      ),
    );
    expect(rows).toHaveLength(4);
  });
});

describe('whether there is enough', () => {
  const learnt = (people: number, each: number) =>
    Array.from({ length: people * each }, (_, at) => ({
      ...{ person: `person ${at % people}`, photo: `photo ${at}`, type: 'view', second: at },
    }));

  test('people are counted, and those of them who have two', () => {
    expect(countsOf([...learnt(3, 2), ...learnt(1, 1), ...learnt(5, 1).slice(4)])).toEqual({
      interactions: 8,
      people: 4,
      peopleWithTwo: 3,
    });
  });

  test.each([
    [25, 40, true],
    [24, 42, false],
    [27, 37, false],
    [1_000, 1, false],
  ])('of %i people with %i interactions each is %s', (people, each, enough) => {
    expect(isEnough(countsOf(learnt(people, each)))).toBe(enough);
  });
});

describe('the files that are imported', () => {
  test('have the columns of the schemas, in seconds, and nothing where there is no value', () => {
    const csv = interactionsCsv([
      { person: 'ana', photo: 'a', type: 'view', second: 2 },
      { person: 'ana', photo: 'b', type: 'purchase', second: 3, value: 9.5 },
    ]);
    expect(csv).toBe(
      'USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,RECOMMENDATION_ID,IMPRESSION\n' +
        'ana,a,2,view,,,\n' +
        'ana,b,3,purchase,9.5,,\n',
    );
  });

  test('keep tags apart, and what would break a line within quotation marks', () => {
    const csv = itemsCsv({
      photos: ['a', 'b'],
      tags: [['sea', 'sun, sand', 'say "cheese"'], []],
      owners: ['owner', ''],
      createdAt: [1_500, 2_000],
    });
    expect(csv).toBe(
      'ITEM_ID,TAGS,OWNER_ID,CREATION_TIMESTAMP\n' + 'a,"sea|sun, sand|say ""cheese""",owner,1\n' + 'b,,,2\n',
    );
  });

  test('hold no category that is too long, which would fail the import of all', () => {
    const tags = Array.from({ length: 30 }, (_, index) => `${index + 10}${'x'.repeat(48)}`);
    const [, row = ''] = itemsCsv({ photos: ['a'], tags: [tags] }).split('\n');
    expect(row.split(',')[1]).toBe(tags.slice(0, 19).join('|'));
  });
});
