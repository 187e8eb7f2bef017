import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { find, parsePath, write } from '../../../offline/states/paths.ts';

const data = {
  a: { b: [1, { c: 'deep' }, null], 'with space': true, "it's": 'quoted', ümlaut: 1, 'b-c': 2 },
  none: null,
};

describe('a reference path', () => {
  test.each<[string, unknown]>([
    ['$', data],
    ['$.a.b[0]', 1],
    ['$.a.b[1].c', 'deep'],
    ["$['a']['b'][1]['c']", 'deep'],
    ['$["a"].b[-1]', null],
    ["$.a['with space']", true],
    ["$.a['it\\'s']", 'quoted'],
    ['$.a.ümlaut', 1],
    ['$.a.b-c', 2],
    ['$.none', null],
    ['$.a.b[9]', undefined],
    ['$.a.nope', undefined],
    ['$.none.deeper', undefined],
    // Neither what every object has, nor a member of an array or text, is part of the data.
    ['$.a.constructor', undefined],
    ['$.a.__proto__', undefined],
    ['$.a.b.length', undefined],
    ["$.a['it\\'s'].length", undefined],
  ])('%s names %j', (path, expected) => {
    expect(find(parsePath(path), data)).toEqual(expected);
  });

  test.each([
    '',
    'a',
    '.a',
    '$a',
    '$.',
    '$.a.',
    '$.a[',
    '$.a[*]',
    '$..a',
    '$.a[0:1]',
    '$.a[?(@.b)]',
    '$.*',
    '$.a[0,1]',
    '$.a b',
    '$.a[b]',
    '$.a.length()',
  ])('%j is refused', (path) => {
    expect(() => parsePath(path)).toThrow(/^expected a (reference )?path/);
  });
});

describe('writing', () => {
  test.each<[string, unknown, unknown]>([
    ['$', { x: 1 }, 'new'],
    ['$.x', { x: 1, y: 2 }, { x: 'new', y: 2 }],
    ['$.a.b.c', {}, { a: { b: { c: 'new' } } }],
    ['$.a[1]', { a: [1, 2] }, { a: [1, 'new'] }],
    ["$['a b']", { c: 1 }, { c: 1, 'a b': 'new' }],
    ['$.constructor.name', {}, { constructor: { name: 'new' } }],
  ])('to %s of %j', (path, given, expected) => {
    expect(write(path, given, 'new')).toEqual(expected);
  });

  test.each<[string, unknown]>([
    ['$.x', 'text'],
    ['$.x', [1]],
    ['$.x', null],
    ['$.x.y', { x: 1 }],
    ['$.x[2]', { x: [1] }],
    ['$.x[0]', {}],
  ])('to %s of %j fails as AWS does', (path, given) => {
    expect(() => write(path, given, 'new')).toThrow(/^States\.ResultPathMatchFailure/);
  });

  const names = fc.array(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 4 });

  test('what is written is found, and nothing that was given has changed', async () => {
    await fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,2}$/), fc.constant({})),
        names,
        (given, steps) => {
          const path = `$.${steps.join('.')}`;
          const before = structuredClone(given);
          const written = write(path, given, { made: true });
          expect(find(parsePath(path), written)).toEqual({ made: true });
          expect(given).toEqual(before);
        },
      ),
    );
  });
});
