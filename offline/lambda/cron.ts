/** One field of a cron expression, as `12 0/5 ? * MON-FRI *` separates them. */
interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly words?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const MINUTES: Field = { name: 'minutes', min: 0, max: 59 };
const HOURS: Field = { name: 'hours', min: 0, max: 23 };
const DAYS: Field = { name: 'day of month', min: 1, max: 31 };
const MONTHS_FIELD: Field = { name: 'month', min: 1, max: 12, words: MONTHS };
const WEEKDAYS_FIELD: Field = { name: 'day of week', min: 1, max: 7, words: WEEKDAYS };
const YEARS: Field = { name: 'year', min: 1970, max: 2199 };

const DAY_MS = 24 * 3600 * 1000;

/** The days of a month, 1 to 31, on which something happens. */
type DaysOf = (year: number, month: number) => number[];

/** The first time after `afterMs`, both in milliseconds since the epoch, UTC; undefined when there is none. */
export type NextTime = (afterMs: number) => number | undefined;

/**
 * Reads the six fields of EventBridge's cron: minutes, hours, day of month, month, day of week, year; with
 * `*`, `?`, lists, ranges, steps, names, `L`, `W` and `#`.
 * @throws Error naming the field and what is wrong with it
 */
export function parseCron(fields: string): NextTime {
  const parts = fields.trim().split(/\s+/);
  if (parts.length !== 6) throw new Error(`cron(${fields}): expected six fields, received ${parts.length}`);
  const [minutes, hours, day, months, weekday, years] = parts as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if ((day === '?') === (weekday === '?')) {
    throw new Error(`cron(${fields}): expected "?" as exactly one of day of month and day of week`);
  }
  const daysOf = day === '?' ? byWeekday(weekday) : byDay(day);
  const when = {
    minutes: values(minutes, MINUTES),
    hours: values(hours, HOURS),
    months: values(months, MONTHS_FIELD),
    years: values(years, YEARS),
    daysOf,
  };
  return (afterMs) => nextTime(when, afterMs);
}

function nextTime(
  when: { minutes: number[]; hours: number[]; months: number[]; years: number[]; daysOf: DaysOf },
  afterMs: number,
): number | undefined {
  const from = new Date(afterMs).getUTCFullYear();
  for (const year of when.years.filter((each) => each >= from)) {
    for (const month of when.months) {
      if (Date.UTC(year, month, 1) <= afterMs) continue;
      for (const day of when.daysOf(year, month)) {
        const midnight = Date.UTC(year, month - 1, day);
        if (midnight + DAY_MS <= afterMs) continue;
        for (const hour of when.hours) {
          for (const minute of when.minutes) {
            const time = midnight + (hour * 60 + minute) * 60_000;
            if (time > afterMs) return time;
          }
        }
      }
    }
  }
  return undefined;
}

/** Every value that a field admits, rising. */
function values(text: string, field: Field): number[] {
  const admitted = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const stepped = part.includes('/');
    const [from = '', to = stepped ? String(field.max) : from] =
      range === '*' ? [String(field.min), String(field.max)] : range.split('-');
    const width = Number(step);
    if (!Number.isInteger(width) || width < 1) throw wrong(part, field);
    const last = fieldValue(to, field);
    for (let value = fieldValue(from, field); value <= last; value += width) admitted.add(value);
  }
  if (admitted.size === 0) throw wrong(text, field);
  return [...admitted].sort((a, b) => a - b);
}

function fieldValue(text: string, field: Field): number {
  const word = field.words?.indexOf(text.toUpperCase()) ?? -1;
  const value = word >= 0 ? word + field.min : Number(text);
  if (!/^\w+$/.test(text) || !Number.isInteger(value) || value < field.min || value > field.max) {
    throw wrong(text, field);
  }
  return value;
}

/** `15W` is the weekday nearest to the 15th, `L` the last day, `LW` the last weekday. */
function byDay(text: string): DaysOf {
  if (text === 'L') return (year, month) => [lengthOf(year, month)];
  if (text === 'LW') return (year, month) => [nearestWeekday(year, month, lengthOf(year, month))];
  if (/^\d+W$/.test(text)) {
    const day = fieldValue(text.slice(0, -1), DAYS);
    return (year, month) => (day > lengthOf(year, month) ? [] : [nearestWeekday(year, month, day)]);
  }
  const days = values(text, DAYS);
  return (year, month) => days.filter((day) => day <= lengthOf(year, month));
}

/** `3#2` is the second Tuesday, `6L` the last Friday, `L` Saturday. */
function byWeekday(text: string): DaysOf {
  const nth = /^(\w+)#([1-5])$/.exec(text);
  if (nth) {
    const weekday = fieldValue(nth[1] as string, WEEKDAYS_FIELD);
    return (year, month) => daysOn([weekday], year, month).slice(Number(nth[2]) - 1, Number(nth[2]));
  }
  if (/^\w+L$/.test(text)) {
    const weekday = fieldValue(text.slice(0, -1), WEEKDAYS_FIELD);
    return (year, month) => daysOn([weekday], year, month).slice(-1);
  }
  const weekdays = values(text === 'L' ? '7' : text, WEEKDAYS_FIELD);
  return (year, month) => daysOn(weekdays, year, month);
}

function daysOn(weekdays: readonly number[], year: number, month: number): number[] {
  const days = Array.from({ length: lengthOf(year, month) }, (_, at) => at + 1);
  return days.filter((day) => weekdays.includes(weekdayOf(year, month, day)));
}

function nearestWeekday(year: number, month: number, day: number): number {
  const weekday = weekdayOf(year, month, day);
  if (weekday === 7) return day > 1 ? day - 1 : day + 2;
  if (weekday === 1) return day < lengthOf(year, month) ? day + 1 : day - 2;
  return day;
}

/** 1 is Sunday. */
function weekdayOf(year: number, month: number, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
}

function lengthOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function wrong(text: string, { name, min, max }: Field): Error {
  return new Error(`cron: expected ${min} to ${max} for ${name}, received "${text}"`);
}
