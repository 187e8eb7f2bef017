import { describe, expect, test } from 'vitest';
import { parseScheduleExpression } from '../../../offline/lambda/schedules.ts';

const at = (time: string) => Date.parse(`${time}Z`);
const next = (expression: string, after: string) => {
  const time = parseScheduleExpression(expression)(at(after));
  return time === undefined ? undefined : new Date(time).toISOString().slice(0, 16);
};

describe('the next time after a moment', () => {
  test.each([
    ['rate(1 minute)', '2026-11-22T10:00:30', '2026-11-22T10:01'],
    ['rate(12 hours)', '2026-11-22T10:00:00', '2026-11-22T22:00'],
    ['rate(2 days)', '2026-12-31T10:00:00', '2027-01-02T10:00'],
    ['at(2026-11-22T10:00:00)', '2026-11-22T09:00:00', '2026-11-22T10:00'],
    ['at(2026-11-22T10:00:00)', '2026-11-22T10:00:00', undefined],
    ['cron(* * * * ? *)', '2026-11-22T10:00:00', '2026-11-22T10:01'],
    ['cron(0 10 * * ? *)', '2026-11-22T10:00:00', '2026-11-23T10:00'],
    ['cron(0 10 * * ? *)', '2026-11-22T09:59:59', '2026-11-22T10:00'],
    ['cron(15 12 * * ? *)', '2026-12-31T12:15:00', '2027-01-01T12:15'],
    ['cron(0 18 ? * MON-FRI *)', '2026-11-20T18:00:00', '2026-11-23T18:00'],
    ['cron(0 8 1 * ? *)', '2026-11-22T10:00:00', '2026-12-01T08:00'],
    ['cron(0/10 * ? * MON-FRI *)', '2026-11-23T10:01:00', '2026-11-23T10:10'],
    ['cron(0/5 8-17 ? * 2-6 *)', '2026-11-23T17:55:00', '2026-11-24T08:00'],
    ['cron(0,30 20-2/3 * * ? *)', '2026-11-22T10:00:00', undefined],
    ['cron(30 0 29 2 ? *)', '2026-11-22T10:00:00', '2028-02-29T00:30'],
    ['cron(0 0 L * ? *)', '2027-02-01T00:00:00', '2027-02-28T00:00'],
    ['cron(0 0 LW * ? *)', '2026-10-01T00:00:00', '2026-10-30T00:00'],
    ['cron(0 0 15W * ? *)', '2026-11-01T00:00:00', '2026-11-16T00:00'],
    ['cron(0 0 1W * ? *)', '2026-07-31T00:00:00', '2026-08-03T00:00'],
    ['cron(0 9 ? * 6L *)', '2026-11-01T00:00:00', '2026-11-27T09:00'],
    ['cron(0 9 ? * TUE#2 *)', '2026-11-11T00:00:00', '2026-12-08T09:00'],
    ['cron(0 9 ? * 2#5 *)', '2026-12-01T00:00:00', '2027-03-29T09:00'],
    ['cron(0 0 1 JAN ? 2030)', '2026-11-22T10:00:00', '2030-01-01T00:00'],
    ['cron(0 0 1 1 ? 2020)', '2026-11-22T10:00:00', undefined],
    ['cron(0 0 ? 6,12 SUN,WED *)', '2026-11-22T10:00:00', '2026-12-02T00:00'],
  ])('%s after %s: %s', (expression, after, expected) => {
    if (expression.includes('20-2')) expect(() => next(expression, after)).toThrow('hours');
    else expect(next(expression, after)).toBe(expected);
  });

  test('a year of a rule that fires at noon on weekdays has 261 or 262 times', () => {
    const following = parseScheduleExpression('cron(0 12 ? * MON-FRI *)');
    let count = 0;
    for (let time = following(at('2026-12-31T23:59:59')); time && time < at('2028-01-01T00:00:00'); count++) {
      time = following(time);
    }
    expect(count).toBe(261);
  });
});

describe('what is no schedule', () => {
  test.each([
    ['every minute', 'expected rate('],
    ['rate(0 minutes)', 'expected rate('],
    ['rate(1 week)', 'expected rate('],
    ['cron(* * * * *)', 'expected six fields, received 5'],
    ['cron(0 0 1 * 1 *)', 'exactly one of day of month and day of week'],
    ['cron(60 0 1 * ? *)', 'expected 0 to 59 for minutes, received "60"'],
    ['cron(0 0 ? * FUN *)', 'expected 1 to 7 for day of week, received "FUN"'],
    ['cron(0/0 0 1 * ? *)', 'for minutes, received "0/0"'],
  ])('%s', (expression, problem) => {
    expect(() => parseScheduleExpression(expression)).toThrow(problem);
  });
});
