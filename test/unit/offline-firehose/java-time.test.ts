import { expect, test } from 'vitest';
import { compileTimePattern } from '../../../offline/firehose/java-time.ts';

const morning = new Date('2026-01-04T00:05:09.876Z');
const evening = new Date('2024-12-31T23:59:59.999Z');

test.each([
  ['yyyy-MM-dd-HH-mm-ss', '2026-01-04-00-05-09', '2024-12-31-23-59-59'],
  ['y/M/d/H/m/s', '2026/1/4/0/5/9', '2024/12/31/23/59/59'],
  ['yy uuuu', '26 2026', '24 2024'],
  ['MMM MMMM LLL', 'Jan January Jan', 'Dec December Dec'],
  ['D DDD', '4 004', '366 366'],
  ['E EEEE', 'Sun Sunday', 'Tue Tuesday'],
  ['h hh K k a', '12 12 0 24 AM', '11 11 11 23 PM'],
  ["'day='dd''", "day=04'", "day=31'"],
  ["'o''clock' HH", "o'clock 00", "o'clock 23"],
])('%s', (pattern, early, late) => {
  const format = compileTimePattern(pattern);
  expect(format(morning)).toBe(early);
  expect(format(evening)).toBe(late);
});
