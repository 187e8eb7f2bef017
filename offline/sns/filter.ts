import { compilePattern, type Matcher, PatternError } from '../patterns.ts';
import { invalid } from './errors.ts';
import { type Attribute, type Notification, tryJson } from './message.ts';

export type FilterScope = 'MessageAttributes' | 'MessageBody';

/** Tells whether a subscription wants a message. */
export type Filter = (notification: Notification) => boolean;

const MOST_KEYS = 5;
const MOST_COMBINATIONS = 150;

/**
 * Compiles a filter policy. Without one every message is wanted; an empty one is none.
 * @throws ServiceError InvalidParameter, naming what is wrong in the policy
 */
export function compileFilter(policy: unknown, scope: FilterScope): Filter {
  if (policy === undefined || (isObject(policy) && Object.keys(policy).length === 0)) return () => true;
  const fits = compile(policy);
  checkComplexity(policy);
  if (scope === 'MessageBody') {
    return ({ message }) => {
      const body = tryJson(message);
      return isObject(body) && fits(body);
    };
  }
  checkFlat(policy);
  return ({ attributes }) => {
    const values = valuesOf(attributes);
    // Source: "Attribute key matching", SNS developer guide: not even `exists: false` fits an empty set.
    return Object.keys(values).length > 0 && fits(values);
  };
}

function compile(policy: unknown): Matcher {
  try {
    return compilePattern(policy);
  } catch (error) {
    if (error instanceof PatternError) throw invalid(`FilterPolicy: ${error.message}`);
    throw error;
  }
}

/** Attributes as the values that policies compare: numbers as numbers, arrays as lists, binary ones not at all. */
function valuesOf(attributes: Readonly<Record<string, Attribute>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([, { DataType }]) => !DataType.startsWith('Binary'))
      .map(([name, attribute]) => [name, valueFor(attribute)]),
  );
}

function valueFor({ DataType, StringValue = '' }: Attribute): unknown {
  if (DataType.startsWith('Number')) return Number(StringValue);
  if (!DataType.startsWith('String.Array')) return StringValue;
  const list = tryJson(StringValue);
  return Array.isArray(list) ? list : undefined;
}

function checkFlat(policy: unknown): void {
  for (const [name, wanted] of Object.entries(policy as Record<string, unknown>)) {
    if (name === '$or') for (const way of wanted as unknown[]) checkFlat(way);
    else if (isObject(wanted)) {
      throw invalid(`FilterPolicy: ${name}: policies on MessageAttributes can't be nested`);
    }
  }
}

/** The limits that make a deployment fail: five keys, 150 combinations of values. */
function checkComplexity(policy: unknown): void {
  const leaves = leavesOf(policy);
  if (leaves.length > MOST_KEYS) {
    throw invalid(`FilterPolicy: ${leaves.length} keys, at most ${MOST_KEYS} are allowed`);
  }
  const combinations = leaves.reduce((product, values) => product * values, 1);
  if (combinations > MOST_COMBINATIONS) {
    throw invalid(`FilterPolicy: ${combinations} combinations, at most ${MOST_COMBINATIONS} are allowed`);
  }
}

/** How many values each key of a policy has. */
function leavesOf(policy: unknown): number[] {
  return Object.entries(policy as Record<string, unknown>).flatMap(([name, wanted]) => {
    if (name === '$or') return (wanted as unknown[]).flatMap(leavesOf);
    return Array.isArray(wanted) ? [wanted.length] : leavesOf(wanted);
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
