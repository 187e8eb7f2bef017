import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkRule, holds } from '../../../offline/states/choice.ts';

const data = {
  text: 'photo.jpg',
  star: 'a*b\\c',
  seven: 7,
  eight: 8,
  yes: true,
  nothing: null,
  early: '2026-11-26T10:00:00Z',
  late: '2026-11-26T12:30:00.5+01:00',
  list: [1],
};

function outcome(rule: object, given: unknown = data): boolean {
  checkRule(rule as Record<string, unknown>);
  return holds(rule as Record<string, unknown>, { data: given, context: { State: { Name: 'Here' } } });
}

const of = (Variable: string, comparison: object) => ({ Variable, ...comparison });

test.each<[object, boolean]>([
  [of('$.text', { StringEquals: 'photo.jpg' }), true],
  [of('$.text', { StringEquals: 'Photo.jpg' }), false],
  [of('$.text', { StringEqualsPath: '$.text' }), true],
  [of('$.text', { StringLessThan: 'q' }), true],
  [of('$.text', { StringLessThanEquals: 'photo.jpg' }), true],
  [of('$.text', { StringGreaterThan: 'photo.jpg' }), false],
  [of('$.text', { StringGreaterThanEquals: 'p' }), true],
  [of('$.text', { StringGreaterThanPath: '$.star' }), true],
  // A number is no text, nor the other way round.
  [of('$.seven', { StringEquals: '7' }), false],
  [of('$.text', { NumericEquals: 7 }), false],
  [of('$.seven', { NumericEquals: 7 }), true],
  [of('$.seven', { NumericEqualsPath: '$.eight' }), false],
  [of('$.seven', { NumericLessThan: 7 }), false],
  [of('$.seven', { NumericLessThanEquals: 7 }), true],
  [of('$.seven', { NumericGreaterThan: 6.5 }), true],
  [of('$.seven', { NumericGreaterThanEqualsPath: '$.eight' }), false],
  [of('$.seven', { NumericLessThanPath: '$.text' }), false],
  [of('$.yes', { BooleanEquals: true }), true],
  [of('$.yes', { BooleanEquals: false }), false],
  [of('$.seven', { BooleanEquals: true }), false],
  [of('$.yes', { BooleanEqualsPath: '$.yes' }), true],
  [of('$.early', { TimestampEquals: '2026-11-26T11:00:00+01:00' }), true],
  [of('$.early', { TimestampLessThanPath: '$.late' }), true],
  [of('$.late', { TimestampGreaterThan: '2026-11-26T11:30:00Z' }), true],
  [of('$.late', { TimestampLessThanEquals: '2026-11-26T11:30:00Z' }), false],
  [of('$.text', { TimestampLessThan: '2026-11-26T11:30:00Z' }), false],
  [of('$.nothing', { IsNull: true }), true],
  [of('$.seven', { IsNull: true }), false],
  [of('$.seven', { IsNull: false }), true],
  [of('$.text', { IsString: true }), true],
  [of('$.list', { IsString: true }), false],
  [of('$.seven', { IsNumeric: true }), true],
  [of('$.yes', { IsBoolean: true }), true],
  [of('$.yes', { IsBoolean: false }), false],
  [of('$.late', { IsTimestamp: true }), true],
  [of('$.text', { IsTimestamp: false }), true],
  [of('$.nothing', { IsPresent: true }), true],
  [of('$.nope', { IsPresent: true }), false],
  [of('$.nope', { IsPresent: false }), true],
  [of('$.nope.deeper[3]', { IsPresent: false }), true],
  [of('$.text', { StringMatches: '*.jpg' }), true],
  [of('$.text', { StringMatches: 'photo*' }), true],
  [of('$.text', { StringMatches: 'p*o*.*' }), true],
  [of('$.text', { StringMatches: 'hoto*' }), false],
  [of('$.text', { StringMatches: 'photo?jpg' }), false],
  [of('$.star', { StringMatches: 'a\\*b\\\\c' }), true],
  [of('$.text', { StringMatches: 'photo\\*' }), false],
  [of('$.seven', { StringMatches: '*' }), false],
  [of('$$.State.Name', { StringEquals: 'Here' }), true],
  [{ And: [of('$.yes', { BooleanEquals: true }), of('$.seven', { NumericEquals: 7 })] }, true],
  [{ And: [of('$.yes', { BooleanEquals: true }), of('$.seven', { NumericEquals: 8 })] }, false],
  [{ Or: [of('$.yes', { BooleanEquals: false }), of('$.seven', { NumericEquals: 7 })] }, true],
  [{ Or: [of('$.yes', { BooleanEquals: false }), of('$.seven', { NumericEquals: 8 })] }, false],
  [{ Not: of('$.yes', { BooleanEquals: true }) }, false],
  // What comes later isn't looked at once it can't matter: it may be missing.
  [{ And: [of('$.nope', { IsPresent: true }), of('$.nope', { NumericEquals: 1 })] }, false],
  [{ Or: [of('$.yes', { IsPresent: true }), of('$.nope', { NumericEquals: 1 })] }, true],
])('%j is %s', (rule, expected) => {
  expect(outcome(rule)).toBe(expected);
});

test.each([of('$.nope', { IsNull: true }), of('$.seven', { NumericEqualsPath: '$.nope' })])(
  '%j ends the execution, as the path names nothing',
  (rule) => {
    expect(() => outcome(rule)).toThrow(
      "States.Runtime: Invalid path '$.nope': The choice state's condition path references an invalid value.",
    );
  },
);

test('of two numbers exactly one is less, equal or greater', async () => {
  await fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (one, other) => {
        const is = (order: string) =>
          outcome(of('$.one', { [`Numeric${order}Path`]: '$.other' }), { one, other });
        expect([is('LessThan'), is('Equals'), is('GreaterThan')].filter(Boolean)).toHaveLength(1);
        expect(is('LessThanEquals')).toBe(!is('GreaterThan'));
        expect(is('GreaterThanEquals')).toBe(!is('LessThan'));
      },
    ),
  );
});

test('every text matches itself with its stars escaped, and a pattern of a star alone', async () => {
  await fc.assert(
    fc.property(fc.string(), (text) => {
      const itself = text.replaceAll(/[\\*]/g, '\\$&');
      expect(outcome(of('$', { StringMatches: itself }), text)).toBe(true);
      expect(outcome(of('$', { StringMatches: '*' }), text)).toBe(true);
    }),
  );
});

test('Not, And and Or are those of logic', async () => {
  const rule = (holding: boolean) => of('$.yes', { BooleanEquals: holding });
  await fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }), (values) => {
      const rules = values.map(rule);
      expect(outcome({ And: rules })).toBe(values.every(Boolean));
      expect(outcome({ Or: rules })).toBe(values.some(Boolean));
      expect(outcome({ Not: { And: rules } })).toBe(outcome({ Or: rules.map((Not) => ({ Not })) }));
    }),
  );
});
