import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClickRecord, InteractionRecord, PhotoRecord } from '../../../lib/clicks/click.ts';
import { parseClicks, rowsOf } from '../../../lib/clicks/rows.ts';

const SEA = '01K00000000000000000000SEA';
const DUNE = '01K0000000000000000000DANE';
const [ANNA, BEN] = ['A'.repeat(22), 'B'.repeat(22)] as const;

const interaction = (fields: Partial<InteractionRecord> = {}): InteractionRecord => ({
  kind: 'interaction',
  id: randomBytes(16).toString('base64url'),
  person: ANNA,
  session: 'S'.repeat(22),
  type: 'view',
  photoId: SEA,
  at: 1_000,
  receivedAt: 2_000,
  ...fields,
});
const photo = (fields: Partial<PhotoRecord> = {}): PhotoRecord => ({
  kind: 'photo',
  id: randomBytes(16).toString('base64url'),
  photoId: SEA,
  owner: BEN,
  tags: ['sea'],
  createdAt: 500,
  version: 1,
  gone: false,
  receivedAt: 2_000,
  ...fields,
});
/** Rows as lines, in the order of their text. */
const linesOf = (records: Iterable<ClickRecord>, forget?: ReadonlySet<string>) => {
  const { interactions, items } = rowsOf(records, forget);
  return {
    interactions: interactions.persons
      .map((person, row) =>
        [person[0], interactions.photos[row], interactions.types[row], interactions.times[row]].join(' '),
      )
      .sort(),
    items: items.photos.map((id, row) => `${id} ${items.tags[row]?.join()} ${items.owners?.[row]}`).sort(),
  };
};

describe('rowsOf', () => {
  it('turns records into the columns that a model learns from', () => {
    const { interactions, items } = rowsOf([
      interaction({ type: 'like', at: 1 }),
      interaction({ type: 'rating', at: 2, value: 5, photoId: DUNE }),
      photo(),
    ]);
    expect(interactions).toEqual({
      persons: [ANNA, ANNA],
      photos: [SEA, DUNE],
      types: ['like', 'rating'],
      times: Float64Array.of(1, 2),
      values: Float64Array.of(Number.NaN, 5),
    });
    expect(items).toEqual({
      photos: [SEA],
      tags: [['sea']],
      owners: [BEN],
      createdAt: Float64Array.of(500),
    });
  });

  it('counts a record that came twice once, whichever copy comes first', () => {
    const first = interaction({ receivedAt: 1, at: 10 });
    const again = { ...first, receivedAt: 2, at: 11 };
    expect(linesOf([first, again, first]).interactions).toEqual([`A ${SEA} view 10`]);
    expect(linesOf([again, first]).interactions).toEqual([`A ${SEA} view 10`]);
  });

  it.each([
    ['after it', 5, [], 'view'],
    ['before it', 3, [], 'like'],
    ['between two', 5, [6], 'like'],
    ['after both', 7, [6], 'view'],
  ])('takes a like back by an unlike %s', (_, unlikeAt, laterLikes, type) => {
    const records = [
      interaction({ type: 'like', at: 4 }),
      interaction({ type: 'unlike', at: unlikeAt }),
      ...laterLikes.map((at) => interaction({ type: 'like', at })),
      interaction({ type: 'unlike', at: 9, person: BEN }),
      interaction({ type: 'unlike', at: 9, photoId: DUNE }),
    ];
    for (const order of [records, records.toReversed()]) {
      expect(new Set(rowsOf(order).interactions.types)).toEqual(new Set([type]));
      expect(rowsOf(order).interactions.persons).toHaveLength(1 + laterLikes.length);
    }
  });

  it('learns nothing from uploads and follows', () => {
    const { interactions } = rowsOf([
      interaction({ type: 'upload' }),
      { kind: 'follow', id: 'F'.repeat(22), person: ANNA, owner: BEN, at: 1, receivedAt: 1 },
    ]);
    expect(interactions.persons).toEqual([]);
  });

  it('knows photos by their highest version, and nothing of those that are gone', () => {
    const records = [
      photo({ version: 3, tags: ['new'] }),
      photo({ version: 2, tags: ['old'] }),
      photo({ photoId: DUNE, version: 2, gone: true }),
      photo({ photoId: DUNE, version: 1 }),
      interaction(),
      interaction({ photoId: DUNE }),
    ];
    expect(linesOf(records)).toEqual({ interactions: [`A ${SEA} view 1000`], items: [`${SEA} new ${BEN}`] });
  });

  it('leaves out people to be forgotten, also as owners', () => {
    const records = [interaction(), interaction({ person: BEN, photoId: DUNE }), photo({ owner: BEN })];
    expect(linesOf(records, new Set([BEN]))).toEqual({
      interactions: [`A ${SEA} view 1000`],
      items: [`${SEA} sea `],
    });
    expect(linesOf(records, new Set([ANNA]))).toEqual({
      interactions: [`B ${DUNE} view 1000`],
      items: [`${SEA} sea ${BEN}`],
    });
  });

  it('knows photos whose owner was forgotten before', () => {
    const { owner: _, ...unowned } = photo();
    expect(rowsOf([unowned]).items.owners).toEqual(['']);
  });

  it('gives the same rows whatever the order of records, and however often they come', () => {
    const records = fc.array(
      fc.oneof(
        fc
          .record({
            id: fc.constantFrom('I'.repeat(22), 'J'.repeat(22), 'K'.repeat(22), 'L'.repeat(22)),
            person: fc.constantFrom(ANNA, BEN),
            type: fc.constantFrom('like', 'unlike', 'view', 'upload'),
            photoId: fc.constantFrom(SEA, DUNE),
            at: fc.nat(5),
          })
          .map((fields) => interaction(fields as Partial<InteractionRecord>)),
        fc
          .record({
            photoId: fc.constantFrom(SEA, DUNE),
            version: fc.integer({ min: 1, max: 3 }),
            gone: fc.boolean(),
          })
          .map(photo),
      ),
    );
    fc.assert(
      fc.property(records, fc.integer(), (all, seed) => {
        const once = [
          ...new Map(
            all.map((one) => [one.kind === 'photo' ? `${one.photoId} ${one.version}` : one.id, one]),
          ).values(),
        ];
        const shuffled = [...once, ...once].sort((a, b) => order(a, seed) - order(b, seed));
        expect(linesOf(shuffled)).toEqual(linesOf(once));
      }),
    );
  });

  it('takes 200 000 records of one person and one photo, without comparing each with each', () => {
    const records = Array.from({ length: 200_000 }, (_, number) =>
      interaction({ id: String(number).padStart(22, '0'), type: number % 2 ? 'like' : 'unlike', at: number }),
    );
    expect(rowsOf(records).interactions.persons).toHaveLength(100_000);
  });
});

describe('parseClicks', () => {
  it('reads the lines that are records, and counts the others', () => {
    const records = [interaction({ type: 'dwell', value: 2.5 }), photo()];
    const text = `${records.map((one) => JSON.stringify(one)).join('\n')}\n\nnonsense\n{"kind":"interaction"}\r\n`;
    expect(parseClicks(text)).toEqual({ records, refused: 2 });
  });

  it('reads nothing from nothing', () => {
    expect(parseClicks('')).toEqual({ records: [], refused: 0 });
  });
});

/** A place for a record that follows from the seed and nothing else that rows are made of. */
function order(record: ClickRecord, seed: number): number {
  return Math.sin(
    seed +
      (JSON.stringify(record)
        .split('')
        .reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) %
        1_000),
  );
}
