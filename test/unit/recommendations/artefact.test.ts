import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArtefactRefused, load, serialize } from '../../../lib/recommendations/artefact.ts';
import { MEASURED } from '../../../lib/recommendations/choose.ts';
import { rank, recommend, similar } from '../../../lib/recommendations/recommend.ts';
import { train } from '../../../lib/recommendations/train.ts';
import { madeUpWorld } from '../../support/made-up-tastes.ts';
import { profiles } from './profiles.ts';

const { interactions, items } = madeUpWorld({ people: 60, photos: 90, events: 900, seed: 2 });
const model = train(interactions, items, { choice: MEASURED });
const bytes = serialize(model);

describe('an artefact', () => {
  it('answers as the model that it was made from', () => {
    const loaded = load(bytes);
    fc.assert(
      fc.property(profiles(items.photos), fc.nat(), (profile, seed) => {
        expect(recommend(loaded, profile, { seed })).toEqual(recommend(model, profile, { seed }));
        expect(rank(loaded, profile, items.photos)).toEqual(rank(model, profile, items.photos));
      }),
      { numRuns: 30 },
    );
    for (const photo of items.photos) expect(similar(loaded, photo, 5)).toEqual(similar(model, photo, 5));
    expect(serialize(loaded).equals(bytes)).toBe(true);
  });

  it('is read wherever it lies in memory', () => {
    const shifted = Buffer.concat([Buffer.of(1, 2, 3), bytes]).subarray(3);
    expect(load(shifted).photoIds).toEqual(model.photoIds);
  });

  it('is refused cut off, damaged, of another version, or when it is something else', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        expect(() => load(bytes.subarray(0, length))).toThrow(ArtefactRefused);
      }),
    );
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] as number) ^ change;
        expect(() => load(damaged)).toThrow(ArtefactRefused);
      }),
    );
    const newer = Buffer.from(bytes);
    newer.writeUInt32BE(99, 4);
    expect(() => load(newer)).toThrow('Expected a model of version 1, received version 99.');
    expect(() => load(Buffer.from('{"a":"JSON file of somebody else"}'))).toThrow('received something else');
    expect(() => load(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(ArtefactRefused);
  });

  it('of nothing is one as well', () => {
    const nothing = train({ persons: [], photos: [], types: [], times: [] });
    expect(recommend(load(serialize(nothing)), [])).toEqual([]);
  });
});
