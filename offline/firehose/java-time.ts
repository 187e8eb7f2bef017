/** A pattern of Java's DateTimeFormatter, compiled: gives the text of a time, in UTC. */
export type TimePattern = (time: Date) => string;

type Field = (time: Date, width: number) => string;

const MONTHS = 'January February March April May June July August September October November December';
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday';

const FIELDS: Readonly<Record<string, Field>> = {
  y: year,
  u: year,
  M: month,
  L: month,
  d: number((time) => time.getUTCDate()),
  D: number((time) => 1 + Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0)) / 86_400_000)),
  E: (time, width) => named(DAYS, time.getUTCDay(), width),
  a: (time) => (time.getUTCHours() < 12 ? 'AM' : 'PM'),
  H: number((time) => time.getUTCHours()),
  k: number((time) => time.getUTCHours() || 24),
  K: number((time) => time.getUTCHours() % 12),
  h: number((time) => time.getUTCHours() % 12 || 12),
  m: number((time) => time.getUTCMinutes()),
  s: number((time) => time.getUTCSeconds()),
};

/** A quoted text, a run of one letter, or anything else that stands for itself. */
const PART = /'(?<quoted>(?:[^']|'')*)'|(?<letter>[A-Za-z])\k<letter>*|[^A-Za-z'[\]{}#]+/y;

/**
 * Compiles the part of such patterns that names years, months, days, hours, minutes and seconds.
 * @throws Error naming the first letter or sign that isn't known here
 */
export function compileTimePattern(pattern: string): TimePattern {
  const parts: TimePattern[] = [];
  for (let at = 0; at < pattern.length; ) {
    PART.lastIndex = at;
    const match = PART.exec(pattern);
    if (!match) throw new Error(`"${pattern[at]}" in the time pattern "${pattern}" isn't known here`);
    parts.push(partOf(match, pattern));
    at = PART.lastIndex;
  }
  return (time) => parts.map((part) => part(time)).join('');
}

function partOf({ 0: text, groups }: RegExpExecArray, pattern: string): TimePattern {
  const { quoted, letter } = groups ?? {};
  if (quoted !== undefined) return () => quoted.replaceAll("''", "'") || "'";
  if (letter === undefined) return () => text;
  const field = FIELDS[letter];
  if (!field) throw new Error(`"${letter}" in the time pattern "${pattern}" isn't known here`);
  return (time) => field(time, text.length);
}

function number(read: (time: Date) => number): Field {
  return (time, width) => String(read(time)).padStart(width, '0');
}

function year(time: Date, width: number): string {
  const digits = String(time.getUTCFullYear());
  return width === 2 ? digits.slice(-2) : digits.padStart(width, '0');
}

function month(time: Date, width: number): string {
  if (width > 2) return named(MONTHS, time.getUTCMonth(), width);
  return String(time.getUTCMonth() + 1).padStart(width, '0');
}

/** Up to three letters give the short name, four the whole. */
function named(names: string, index: number, width: number): string {
  const name = names.split(' ')[index] ?? '';
  return width > 3 ? name : name.slice(0, 3);
}
