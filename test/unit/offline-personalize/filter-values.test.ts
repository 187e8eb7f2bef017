import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applies,
  bindFilter,
  checkFields,
  checkGroup,
  type FieldSchemas,
  type FilterContext,
  FilterRefused,
  parseFilter,
} from '../../../offline/personalize/filter/filter.ts';

const nobody: FilterContext = { item: undefined, user: undefined, eventTypes: [] };

function keeps(expression: string, context: Partial<FilterContext>, values: Record<string, string> = {}) {
  return applies(bindFilter(parseFilter(expression), values), { ...nobody, ...context });
}

describe('bindFilter', () => {
  const filter = parseFilter('INCLUDE ItemID WHERE Items.A IN ($A) AND Items.N >= $N AND Items.T = $T');
  const right = { A: '"a"', N: '1', T: '"t"' };

  it.each<[Record<string, string>, string]>([
    [{ A: '"a"', N: '1' }, 'Expected a value for T: an INCLUDE needs all of its parameters.'],
    [{ ...right, a: '"a"' }, "Expected values of the filter's parameters (A, N, T), got a."],
    [{ ...right, A: 'a' }, 'Expected texts in double quotes with commas between them for A, got a.'],
    [
      { ...right, A: '"a" "b"' },
      'Expected texts in double quotes with commas between them for A, got "a" "b".',
    ],
    [{ ...right, A: '"a",' }, 'Expected texts in double quotes with commas between them for A, got "a",.'],
    [{ ...right, A: '' }, 'Expected texts in double quotes with commas between them for A, got .'],
    [{ ...right, N: '"one"' }, 'Expected one number for N, got "one".'],
    [{ ...right, N: '"1","2"' }, 'Expected one number for N, got "1","2".'],
    [{ ...right, T: '"s","t"' }, 'Expected one number or text in double quotes for T, got "s","t".'],
  ])('refuses %j', (values, message) => {
    expect(() => bindFilter(filter, values)).toThrow(new FilterRefused(message));
  });

  it('refuses too long a value, and too many', () => {
    const long = { ...right, A: `"${'a'.repeat(999)}"` };
    expect(() => bindFilter(filter, long)).toThrow('Expected at most 1000 characters for A, got 1001.');
    const many = Object.fromEntries(Array.from({ length: 26 }, (_, n) => [`P${n}`, '"a"']));
    expect(() => bindFilter(filter, many)).toThrow('Expected at most 25 filter values, got 26.');
  });

  it('takes numbers with and without quotes, and texts that look like numbers for both', () => {
    const item = { A: ['a'], N: 2, T: '5' };
    for (const N of ['2', '"2"', ' 1.5 ', '-1']) {
      expect(applies(bindFilter(filter, { ...right, N, T: '"5"' }), { ...nobody, item })).toBe(true);
    }
    expect(applies(bindFilter(filter, { ...right, T: '"5"' }), { ...nobody, item: { ...item, T: 5 } })).toBe(
      true,
    );
    expect(
      applies(bindFilter(filter, { ...right, T: '"5"' }), { ...nobody, item: { ...item, T: '5.0' } }),
    ).toBe(false);
  });

  it('throws nothing but FilterRefused, whatever values come', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('A', 'N', 'T', 'X'), fc.string()), (values) => {
        try {
          bindFilter(filter, values);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterRefused);
        }
      }),
    );
  });

  it('leaves out of an EXCLUDE what has no value, and all of it where its IF has none', () => {
    const item = { A: ['a'], B: ['b'] };
    const both = 'EXCLUDE ItemID WHERE Items.A IN ($A) AND Items.B IN ($B)';
    expect(keeps(both, { item }, { A: '"a"' })).toBe(false);
    expect(keeps(both, { item })).toBe(true);
    expect(keeps(`${both} IF CurrentUser.AGE = $AGE`, { item, user: { AGE: 1 } }, { A: '"a"' })).toBe(true);
  });
});

describe('checkFields', () => {
  const schemas: FieldSchemas = {
    items: { TAGS: 'text', PRICE: 'number', COST: 'number', SOLD: 'boolean', CAPTION: 'unstructured' },
    users: undefined,
  };

  it.each([
    'INCLUDE ItemID WHERE Items.tags IN ("a") AND Items.PRICE > 1 AND Items.TAGS = "a" AND Items.PRICE <= $MOST',
    'INCLUDE ItemID WHERE Items.PRICE < CurrentItem.COST AND Items.TAGS IN CurrentItem.TAGS',
    'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("view")',
  ])('takes %s', (expression) => {
    expect(() => checkFields(parseFilter(expression), schemas)).not.toThrow();
  });

  it.each([
    [
      'Items.CONSTRUCTOR = 1',
      'Expected a field of Items (TAGS, PRICE, COST, SOLD, CAPTION), got CONSTRUCTOR.',
    ],
    ['Items.PRICE IN ("1")', 'Expected a comparison for Items.PRICE, which is a number, got IN.'],
    ['Items.TAGS > 1', 'Expected IN, NOT IN, = or != for Items.TAGS, which is a text, got >.'],
    ['Items.TAGS = 1', 'Expected a text for Items.TAGS =, got a number.'],
    ['Items.PRICE = "1"', 'Expected a number for Items.PRICE =, got a text.'],
    [
      'Items.SOLD = "True"',
      'Expected Items.SOLD to be a number or a text that names something, got a boolean.',
    ],
    [
      'Items.CAPTION IN ("a")',
      'Expected Items.CAPTION to be a number or a text that names something, got unstructured text.',
    ],
    [
      'Items.PRICE < CurrentItem.TAGS',
      'Expected CurrentItem.TAGS to be a number as Items.PRICE, got a text.',
    ],
    ['Items.PRICE < 1 IF CurrentUser.AGE > 1', 'Expected a dataset Users for Users.AGE, got none.'],
  ])('refuses %s', (condition, message) => {
    expect(() => checkFields(parseFilter(`INCLUDE ItemID WHERE ${condition}`), schemas)).toThrow(
      new FilterRefused(message),
    );
  });
});

describe('checkGroup', () => {
  it('takes twenty distinct fields in all filters together, not more', () => {
    const filters = [0, 7, 14].map((from) =>
      parseFilter(
        `INCLUDE ItemID WHERE ${[0, 1, 2, 3, 4, 5, 6].map((n) => `Items.F${from + n} = 1`).join(' OR ')}`,
      ),
    );
    expect(() => checkGroup(filters.slice(0, 2))).not.toThrow();
    expect(() => checkGroup(filters)).toThrow(
      'Expected at most 20 distinct fields in all filters of a dataset group, got 21.',
    );
  });
});
