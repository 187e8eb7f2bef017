import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordsOf } from '../../../offline/personalize/csv.ts';

describe('recordsOf', () => {
  test.each([
    [
      'plain fields',
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'carriage returns and no last line end',
      'a,b\r\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['a byte order mark', '\ufeffa\n1', [['a'], ['1']]],
    [
      'empty fields at the end',
      'a,b,c\n1,,\n',
      [
        ['a', 'b', 'c'],
        ['1', '', ''],
      ],
    ],
    ['empty lines, which are no records', 'a\n\n\n1\n', [['a'], ['1']]],
    ['quoted commas, line ends and quotation marks', '"a,b","c\nd","e""f"\n', [['a,b', 'c\nd', 'e"f']]],
  ])('reads %s', (_, text, records) => {
    expect([...recordsOf(text)]).toEqual(records);
  });

  test('reads what was written', () => {
    const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', 'é', '|') });
    const record = fc.array(field, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(record), fc.constantFrom('\n', '\r\n'), (records, end) => {
        const written = records
          .map((fields) => fields.map((each) => `"${each.replaceAll('"', '""')}"`).join(','))
          .join(end);
        expect([...recordsOf(written)]).toEqual(records);
      }),
    );
  });

  test('refuses a quotation mark that is never closed', () => {
    expect(() => [...recordsOf('a\n"b\n')]).toThrow(/never closed/);
  });
});
