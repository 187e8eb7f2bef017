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

  it('keeps its answer short however much is wrong', () => {
    const unknown = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`field${n}`, n]));
    expect(errorsOf({ caption: 'x', tags: [], ...unknown })).toHaveLength(20);
    const [pointer = ''] = errorsOf({ caption: 'x', tags: [], ['x'.repeat(1_000_000)]: 1 }) ?? [];
    expect(pointer).toMatch(/^\/x{100}…$/);
  });
});
