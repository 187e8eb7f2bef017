import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Random } from '../random.ts';

/** @throws Error that says what is wrong with the arguments */
export type Intrinsic = (args: readonly unknown[], random: Random) => unknown;

/** Step Functions Developer Guide, "Intrinsics for JSONPath states": arrays of at most a thousand items. */
const MOST_ITEMS = 1_000;

/**
 * How many arguments each function takes, at least and at most. MathRandom may be given a seed on AWS, where it
 * makes the numbers those of a generator that nobody knows.
 */
export const ARGUMENTS: Readonly<Record<string, readonly [number, number]>> = {
  'States.Format': [1, Number.POSITIVE_INFINITY],
  'States.StringToJson': [1, 1],
  'States.JsonToString': [1, 1],
  'States.Array': [0, Number.POSITIVE_INFINITY],
  'States.ArrayPartition': [2, 2],
  'States.ArrayContains': [2, 2],
  'States.ArrayRange': [3, 3],
  'States.ArrayGetItem': [2, 2],
  'States.ArrayLength': [1, 1],
  'States.ArrayUnique': [1, 1],
  'States.Base64Encode': [1, 1],
  'States.Base64Decode': [1, 1],
  'States.Hash': [2, 2],
  'States.JsonMerge': [3, 3],
  'States.MathRandom': [2, 2],
  'States.MathAdd': [2, 2],
  'States.StringSplit': [2, 2],
  'States.UUID': [0, 0],
};

/** The functions that an expression may call. Source: Developer Guide, "Intrinsics for JSONPath states". */
export const FUNCTIONS: Readonly<Record<string, Intrinsic>> = {
  'States.Format': ([template, ...values]) => format(text(template), values),
  'States.StringToJson': ([value]) => JSON.parse(text(value)),
  'States.JsonToString': ([value]) => JSON.stringify(value),
  'States.Array': (values) => [...values],
  'States.ArrayPartition': ([items, size]) => {
    const [all, by] = [list(items), integer(size)];
    if (by < 1) throw new Error(`expected a size from 1, received ${by}`);
    return Array.from({ length: Math.ceil(all.length / by) }, (_, at) => all.slice(at * by, (at + 1) * by));
  },
  'States.ArrayContains': ([items, value]) => list(items).some((item) => isDeepStrictEqual(item, value)),
  'States.ArrayRange': ([from, to, by]) => range(integer(from), integer(to), integer(by)),
  'States.ArrayGetItem': ([items, index]) => {
    const item = list(items)[integer(index)];
    if (item === undefined) throw new Error(`there is no item ${index}`);
    return item;
  },
  'States.ArrayLength': ([items]) => list(items).length,
  'States.ArrayUnique': ([items]) =>
    list(items).filter((item, at, all) => all.findIndex((other) => isDeepStrictEqual(item, other)) === at),
  'States.Base64Encode': ([value]) => Buffer.from(text(value, 10_000)).toString('base64'),
  'States.Base64Decode': ([value]) => Buffer.from(text(value, 10_000), 'base64').toString(),
  'States.Hash': ([value, algorithm]) =>
    createHash(hashOf(text(algorithm)))
      .update(typeof value === 'string' ? value : JSON.stringify(value))
      .digest('hex'),
  'States.JsonMerge': ([first, second, deep]) => {
    if (deep !== false) throw new Error('only a shallow merge is offered: expected false');
    return { ...record(first), ...record(second) };
  },
  'States.MathRandom': ([from, to], random) => {
    const [low, high] = [integer(from), integer(to)];
    if (low >= high) throw new Error(`expected a start below the end, received ${low} and ${high}`);
    return low + random.integer(high - low);
  },
  'States.MathAdd': ([one, other]) => integer(one) + integer(other),
  'States.StringSplit': ([value, separators]) => {
    const among = new Set(text(separators));
    const parts: string[] = [''];
    for (const character of text(value)) {
      if (among.has(character)) parts.push('');
      else parts[parts.length - 1] += character;
    }
    return parts.filter((part) => part !== '');
  },
  'States.UUID': (_, random) => random.uuid(),
};

function format(template: string, values: readonly unknown[]): string {
  const rest = [...values];
  const result = template.replaceAll(/\\([{}])|\{\}/g, (match, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    if (rest.length === 0) throw new Error(`expected a value for each {} of ${template}`);
    const value = rest.shift();
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? match);
  });
  if (rest.length > 0) throw new Error(`expected ${values.length} times {} in ${template}`);
  return result;
}

function range(from: number, to: number, by: number): number[] {
  if (by === 0) throw new Error('expected an increment other than 0');
  const length = Math.max(0, Math.floor((to - from) / by) + 1);
  if (length > MOST_ITEMS) throw new Error(`expected at most ${MOST_ITEMS} items, received ${length}`);
  return Array.from({ length }, (_, index) => from + index * by);
}

function hashOf(algorithm: string): string {
  const known = {
    MD5: 'md5',
    'SHA-1': 'sha1',
    'SHA-256': 'sha256',
    'SHA-384': 'sha384',
    'SHA-512': 'sha512',
  };
  const name = Object.hasOwn(known, algorithm) ? known[algorithm as keyof typeof known] : undefined;
  if (name) return name;
  throw new Error(`expected one of ${Object.keys(known).join(', ')}, received ${algorithm}`);
}

function text(value: unknown, most = Number.POSITIVE_INFINITY): string {
  if (typeof value !== 'string') throw new Error(`expected a string, received ${JSON.stringify(value)}`);
  if (value.length > most) throw new Error(`expected at most ${most} characters, received ${value.length}`);
  return value;
}

function integer(value: unknown): number {
  if (typeof value !== 'number') throw new Error(`expected a number, received ${JSON.stringify(value)}`);
  return Math.round(value);
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`expected an array, received ${JSON.stringify(value)}`);
  return value;
}

function record(value: unknown): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`expected an object, received ${JSON.stringify(value)}`);
  }
  return value;
}
