import { expect, test } from 'vitest';
import { SECOND, startStreams } from './stack.ts';

test('records wait for the interval and become one object, in the order in which they came', async () => {
  const stack = await startStreams();
  await stack.put('a\n', 'b\n');
  await stack.putOne('c\n');
  await stack.pass(59 * SECOND);
  expect(await stack.keys()).toEqual([]);
  await stack.pass(SECOND);
  const [key = '', ...more] = await stack.keys();
  expect(more).toEqual([]);
  expect(await stack.text(key)).toBe('a\nb\nc\n');
});
