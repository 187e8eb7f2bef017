import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applies,
  bindFilter,
  type FilterContext,
  parseFilter,
} from '../../../offline/personalize/filter/filter.ts';
import { madeUpFilters, situations } from '../../support/filters.ts';

const nobody: FilterContext = { item: undefined, user: undefined, eventTypes: [] };

function keeps(expression: string, context: Partial<FilterContext>, values: Record<string, string> = {}) {
  return applies(bindFilter(parseFilter(expression), values), { ...nobody, ...context });
}

describe('the expressions of the developer guide', () => {
  it.each<[string, Record<string, string>, Partial<FilterContext>, Partial<FilterContext>]>([
    [
      'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("click", "stream")',
      {},
      { eventTypes: ['view'] },
      { eventTypes: ['Stream'] },
    ],
    [
      'INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
      {},
      { eventTypes: ['view'] },
      { eventTypes: [] },
    ],
    [
      'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ($EVENT_TYPE)',
      { EVENT_TYPE: '"click","view"' },
      { eventTypes: ['like'] },
      { eventTypes: ['view'] },
    ],
    [
      'EXCLUDE ItemID WHERE Items.CATEGORY_L1 IN ("shoe") AND Items.CATEGORY_L2 NOT IN ("boot")',
      {},
      { item: { CATEGORY_L1: 'shoe', CATEGORY_L2: 'boot' } },
      { item: { CATEGORY_L1: 'shoe', CATEGORY_L2: 'sandal' } },
    ],
    [
      'INCLUDE ItemID WHERE Items.GENRE IN ($GENRE)',
      { GENRE: '"comedy", "drama"' },
      { item: { GENRE: ['horror', 'drama'] } },
      { item: { GENRE: ['horror', 'Drama'] } },
    ],
    [
      'INCLUDE ItemID WHERE Items.CREATION_TIMESTAMP < $DATE',
      { DATE: '1700000000' },
      { item: { CREATION_TIMESTAMP: 1_699_999_999 } },
      { item: { CREATION_TIMESTAMP: 1_700_000_000 } },
    ],
    [
      'INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE AND Items.GENRE IN CurrentItem.GENRE',
      {},
      { item: { PRICE: 1, GENRE: ['a', 'b'] }, currentItem: { PRICE: 2, GENRE: ['b', 'c'] } },
      { item: { PRICE: 1, GENRE: ['a', 'b'] }, currentItem: { PRICE: 2, GENRE: ['c'] } },
    ],
    [
      'EXCLUDE ItemID WHERE Items.GENRE IN ($GENRE) IF CurrentUser.AGE = $AGE',
      { GENRE: '"drama"', AGE: '18' },
      { item: { GENRE: ['drama'] }, user: { AGE: 19 } },
      { item: { GENRE: ['drama'] }, user: { AGE: 18 } },
    ],
    [
      'INCLUDE ItemID WHERE Items.CATEGORY IN ("watch") IF CurrentUser.MEMBERSHIP = $PREMIUM AND CurrentUser.AGE > 18',
      { PREMIUM: '"yes"' },
      { item: { CATEGORY: 'shoe' }, user: { MEMBERSHIP: 'yes', AGE: 18 } },
      { item: { CATEGORY: 'shoe' }, user: { MEMBERSHIP: 'yes', AGE: 19 } },
    ],
    [
      'INCLUDE ItemID WHERE Items.CATEGORY IN ($CATEGORY) | INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("favorite")',
      { CATEGORY: '"a"' },
      { item: { CATEGORY: 'b' }, eventTypes: ['favorite'] },
      { item: { CATEGORY: 'b' } },
    ],
    [
      'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("click") | INCLUDE ItemID WHERE Items.GENRE IN ($GENRE)',
      { GENRE: '"a"' },
      { item: { GENRE: ['a'] } },
      { item: { GENRE: ['a'] }, eventTypes: ['click'] },
    ],
    [
      'INCLUDE ItemID WHERE Items.A = 1 OR Items.B = 1 AND Items.C = 1',
      {},
      { item: { A: 1 } },
      { item: { B: 1 } },
    ],
  ])('%s', (expression, values, stays, goes) => {
    expect(keeps(expression, stays, values)).toBe(true);
    expect(keeps(expression, goes, values)).toBe(false);
  });
});

describe('applies', () => {
  it('means what the language means', () => {
    let kept = 0;
    fc.assert(
      fc.property(
        madeUpFilters,
        fc.array(situations, { minLength: 5, maxLength: 5 }),
        ({ text, values, keeps }, all) => {
          const bound = bindFilter(parseFilter(text), values);
          for (const situation of all) {
            const expected = keeps(situation);
            kept += expected ? 1 : 0;
            expect(applies(bound, situation)).toBe(expected);
          }
        },
      ),
      { numRuns: 10_000 },
    );
    // Neither answer is so rare that it would go untested.
    expect(kept / 50_000).toBeGreaterThan(0.2);
    expect(kept / 50_000).toBeLessThan(0.8);
  }, 60_000);

  it.each<[string, boolean]>([
    ['INCLUDE ItemID WHERE Items.A IN ("a")', false],
    ['INCLUDE ItemID WHERE Items.A NOT IN ("a")', true],
    ['INCLUDE ItemID WHERE Items.A = 1', false],
    ['INCLUDE ItemID WHERE Items.A != 1', true],
    ['INCLUDE ItemID WHERE Items.A < 1', false],
    ['EXCLUDE ItemID WHERE Items.A < 1', true],
    ['EXCLUDE ItemID WHERE Interactions.EVENT_TYPE NOT IN ("*")', false],
    ['INCLUDE ItemID WHERE Items.CONSTRUCTOR IN ("a") IF CurrentUser.A = 1', true],
  ])('judges what nothing is known of: %s', (expression, stays) => {
    expect(keeps(expression, {})).toBe(stays);
    expect(keeps(expression, { item: {}, user: {} })).toBe(stays);
    expect(keeps(expression, { item: { A: null }, user: { A: null } })).toBe(stays);
  });
});
