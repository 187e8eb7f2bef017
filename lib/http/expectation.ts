import type * as z from 'zod';

type Issue = z.core.$ZodRawIssue;

const MAX_SHOWN = 60;
/** With its article, as it stands in a sentence. */
const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a text',
};
const UNITS: Readonly<Record<string, string>> = { array: ' items', string: ' characters' };

/** What was expected of a value, and what came, in a sentence; undefined where the schema has words of its own. */
export function expectationOf(issue: Issue): string | undefined {
  if (issue.code === 'invalid_type') return `Expected ${kind(issue.expected)}; ${received(issue.input)}.`;
  if (issue.code === 'invalid_value') {
    return `Expected ${issue.values.map(shown).join(' or ')}; ${received(issue.input)}.`;
  }
  if (issue.code === 'too_small') return `Expected ${bound('least', issue)}; ${measured(issue)}.`;
  if (issue.code === 'too_big') return `Expected ${bound('most', issue)}; ${measured(issue)}.`;
  return undefined;
}

function kind(expected: string): string {
  return KINDS[expected] ?? expected;
}

function received(input: unknown): string {
  return input === undefined ? 'it is missing' : `received ${shown(input)}`;
}

/** Texts and numbers as they came, of anything larger only what it is. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function bound(end: 'least' | 'most', issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const limit = 'minimum' in issue ? issue.minimum : issue.maximum;
  const edge = issue.inclusive === false ? (end === 'least' ? 'more than' : 'less than') : `at ${end}`;
  return `${edge} ${limit}${UNITS[issue.origin] ?? ''}`;
}

function measured({ origin, input }: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const { length } = (input ?? {}) as { readonly length?: number };
  return origin in UNITS && length !== undefined ? `received ${length}` : received(input);
}
