import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseFields } from '../../../lib/http/parse.ts';
import { Problem } from '../../../lib/problem.ts';

const schema = z.strictObject({
  caption: z.string().max(3),
  tags: z.array(z.string()),
  'a/b~c': z.number().optional(),
});

function errorsOf(value: unknown) {
  try {
    parseFields(schema, value, 'body');
  } catch (error) {
    if (error instanceof Problem) return error.errors?.map(({ pointer }) => pointer);
    throw error;
  }
  return undefined;
}

describe('parseFields', () => {
  it('gives the parsed value', () => {
    expect(parseFields(schema, { caption: 'x', tags: [] }, 'body')).toEqual({ caption: 'x', tags: [] });
  });

  it.each([
    [{ caption: 'long', tags: [] }, ['/caption']],
    [{ caption: 'x', tags: ['a', 1] }, ['/tags/1']],
    [{ caption: 1, tags: 'x' }, ['/caption', '/tags']],
    [{ caption: 'x', tags: [], surprise: 1, other: 2 }, ['/surprise', '/other']],
    [{ caption: 'x', tags: [], 'a/b~c': 'no' }, ['/a~1b~0c']],
    [null, ['']],
  ])('points to what is wrong in %j', (value, pointers) => {
    expect(errorsOf(value)).toEqual(pointers);
  });

  it.each<[unknown, string]>([
    [{ tags: [] }, 'Expected a text; it is missing.'],
    [{ caption: 7, tags: [] }, 'Expected a text; received 7.'],
    [{ caption: { a: 1 }, tags: [] }, 'Expected a text; received an object.'],
    [{ caption: 'long', tags: [] }, 'Expected at most 3 characters; received 4.'],
    [{ caption: 'x', tags: 'a' }, 'Expected a list; received "a".'],
    [{ caption: 'x', tags: ['a', 'b', 'c'] }, 'Expected at most 2 items; received 3.'],
    [{ caption: 'x', tags: [], count: 1.5 }, 'Expected a whole number; received 1.5.'],
    [{ caption: 'x', tags: [], count: 0 }, 'Expected at least 1; received 0.'],
    [{ caption: 'x', tags: [], count: 9 }, 'Expected less than 9; received 9.'],
    [{ caption: 'x', tags: [], kind: 'c' }, 'Expected "a" or "b"; received "c".'],
    [
      { caption: 'x', tags: [], kind: 'y'.repeat(1_000) },
      `Expected "a" or "b"; received "${'y'.repeat(59)}….`,
    ],
    [{ caption: 'x', tags: [], own: 'no' }, 'Expected yes.'],
  ])('says of %j what was expected and what came', (value, detail) => {
    const all = schema.extend({
      tags: z.array(z.string()).max(2),
      count: z.number().int().min(1).lt(9).optional(),
      kind: z.enum(['a', 'b']).optional(),
      own: z.string().regex(/^yes$/, 'Expected yes.').optional(),
    });
    expect(() => parseFields(all, value, 'body')).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ detail })] }),
    );
  });

  it('keeps its answer short however much is wrong', () => {
    const unknown = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`field${n}`, n]));
    expect(errorsOf({ caption: 'x', tags: [], ...unknown })).toHaveLength(20);
    const [pointer = ''] = errorsOf({ caption: 'x', tags: [], ['x'.repeat(1_000_000)]: 1 }) ?? [];
    expect(pointer).toMatch(/^\/x{100}…$/);
  });
});
