import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FilterRefused, parseFilter } from '../../../offline/personalize/filter/filter.ts';
import { madeUpFilters } from '../../support/filters.ts';

describe('parseFilter', () => {
  it('names parameters and fields once, whatever the case of fields', () => {
    const text =
      'INCLUDE ItemID WHERE Items.price > $MIN AND ITEMS.PRICE < $max OR Items.Price = CurrentItem.cost ' +
      'IF CurrentUser.AGE > $MIN | EXCLUDE ItemID WHERE Interactions.event_type IN ("*")';
    expect(parseFilter(text)).toMatchObject({
      parameters: ['MIN', 'max'],
      fields: ['Items.PRICE', 'Users.AGE', 'Interactions.EVENT_TYPE', 'Items.COST'],
      usesCurrentItem: true,
    });
  });

  it.each([
    ['ItemID', 'Expected INCLUDE or EXCLUDE at character 1, got ItemID.'],
    ['INCLUDE UserID WHERE Users.A = 1', 'Expected ITEMID at character 9, got UserID.'],
    ['INCLUDE ItemID Items.A = 1', 'Expected WHERE at character 16, got Items.'],
    ['INCLUDE ItemID WHERE', 'Expected a field of Interactions or Items at character 21, got the end.'],
    [
      'INCLUDE ItemID WHERE CurrentUser.A = 1',
      'Expected a field of Interactions or Items at character 22, got CurrentUser.',
    ],
    [
      'INCLUDE ItemID WHERE CurrentItem.A = 1',
      'Expected a field of Interactions or Items at character 22, got CurrentItem.',
    ],
    [
      'INCLUDE ItemID WHERE (Items.A = 1)',
      'Expected a field of Interactions or Items at character 22, got (.',
    ],
    [
      'EXCLUDE ItemID WHERE Items.A = 1 AND Interactions.EVENT_TYPE IN ("view")',
      'Expected a field of Items, as in the first condition at character 38, got Interactions.',
    ],
    [
      'EXCLUDE ItemID WHERE Interactions.SURFACE IN ("a")',
      'Expected EVENT_TYPE at character 35, the only field of Interactions, got SURFACE.',
    ],
    [
      'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE = "view"',
      'Expected IN or NOT IN at character 46, got =.',
    ],
    [
      'INCLUDE ItemID WHERE Items.A LIKE "a"',
      'Expected IN, NOT IN, =, !=, <, <=, >, >= at character 30, got LIKE.',
    ],
    ['INCLUDE ItemID WHERE Items A = 1', 'Expected a dot and a field at character 28, got A.'],
    ['INCLUDE ItemID WHERE Items. = 1', 'Expected a field at character 29, got =.'],
    ['INCLUDE ItemID WHERE Items.A IN "a"', 'Expected ( and a list at character 33, got "a".'],
    [
      'INCLUDE ItemID WHERE Items.A IN ()',
      'Expected a text in double quotes or a $PARAMETER at character 34, got ).',
    ],
    [
      'INCLUDE ItemID WHERE Items.A IN (5)',
      'Expected a text in double quotes or a $PARAMETER at character 34, got 5.',
    ],
    ['INCLUDE ItemID WHERE Items.A IN ("a" "b")', 'Expected , or ) at character 38, got "b".'],
    [
      "INCLUDE ItemID WHERE Items.A IN ('a')",
      'Expected a text in double quotes at character 34, got a single quote.',
    ],
    ['INCLUDE ItemID WHERE Items.A IN ("a)', 'Expected a closing " for the text at character 34.'],
    [
      'INCLUDE ItemID WHERE Items.A IN ("*")',
      'Expected a text other than "*" at character 34: it stands for all types of events.',
    ],
    [
      'INCLUDE ItemID WHERE Items.A NOT IN ($A)',
      'Expected a text at character 38, got $A: NOT IN takes no parameters. Turn INCLUDE and EXCLUDE round, and use IN.',
    ],
    ['INCLUDE ItemID WHERE Items.A < "a"', 'Expected a number or a $PARAMETER at character 32, got "a".'],
    [
      'INCLUDE ItemID WHERE Items.A = true',
      'Expected a number, a text or a $PARAMETER at character 32, got true.',
    ],
    ['INCLUDE ItemID WHERE Items.A = (1)', 'Expected a $PARAMETER at character 33, got 1.'],
    ['INCLUDE ItemID WHERE Items.A = ($A', 'Expected ) at character 35, got the end.'],
    [
      'INCLUDE ItemID WHERE Items.A = 1e5',
      'Expected a part of a filter expression at character 32, got 1e5.',
    ],
    ['INCLUDE ItemID WHERE Items.A = 1;', 'Expected a part of a filter expression at character 33, got ;.'],
    [
      'INCLUDE ItemID WHERE Items.A = 1 IF Items.B = 1',
      'Expected a field of CurrentUser at character 37, got Items.',
    ],
    [
      'INCLUDE ItemID WHERE Items.A = 1 IF CurrentUser.B = 1 OR CurrentUser.C = 1',
      'Expected AND, | or the end after IF at character 55, got OR.',
    ],
    [
      'INCLUDE ItemID WHERE Items.A = 1 IF CurrentUser.B = 1 IF CurrentUser.C = 1',
      'Expected AND, | or the end after IF at character 55, got IF.',
    ],
    [
      'INCLUDE ItemID WHERE Items.A = 1 Items.B = 1',
      'Expected AND, OR, IF, | or the end at character 34, got Items.',
    ],
    ['INCLUDE ItemID WHERE Items.A = 1 |', 'Expected INCLUDE or EXCLUDE at character 35, got the end.'],
    [
      `INCLUDE ItemID WHERE ${Array.from({ length: 11 }, (_, n) => `Items.F${n} = 1`).join(' OR ')}`,
      'Expected at most 10 distinct fields, got 11.',
    ],
  ])('refuses %s', (expression, message) => {
    expect(() => parseFilter(expression)).toThrow(new FilterRefused(message));
  });

  it.each(['', '  \n', `INCLUDE ItemID WHERE Items.A IN ("${'a'.repeat(2_465)}")`])(
    'refuses an empty text and one that is too long',
    (text) => {
      expect(() => parseFilter(text)).toThrow(
        new FilterRefused(`Expected a filter expression of 1 to 2500 characters, got ${text.length}.`),
      );
    },
  );

  it('takes ten fields however often they appear', () => {
    const all = Array.from({ length: 20 }, (_, n) => `Items.F${n % 10} = 1`).join(' OR ');
    expect(parseFilter(`INCLUDE ItemID WHERE ${all}`).fields).toHaveLength(10);
  });

  it('throws nothing but FilterRefused, whatever text comes', () => {
    const pieces = fc.constantFrom(
      ...'INCLUDE EXCLUDE ItemID WHERE Items . A Interactions EVENT_TYPE IN NOT ( ) "a" , $P $ = < >= 1 - IF CurrentUser AND OR | CurrentItem \' " \u0000 ü'.split(
        ' ',
      ),
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 40 }).map((all) => all.join(' ')),
      fc
        .tuple(madeUpFilters, fc.nat(), fc.string())
        .map(
          ([{ text }, at, other]) =>
            text.slice(0, at % text.length) + other + text.slice((at % text.length) + 1),
        ),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          parseFilter(text);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterRefused);
        }
      }),
      { numRuns: 10_000 },
    );
  }, 60_000);
});
