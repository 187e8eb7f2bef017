import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Random } from '../random.ts';
import { runtimeError, StateFailed } from './errors.ts';
import { find, parsePath } from './paths.ts';

/** A call of an intrinsic function, or one of its arguments. */
export type Expression =
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'path'; readonly text: string }
  | { readonly kind: 'value'; readonly value: unknown };

/** What expressions are evaluated against: a state's data, and the context object behind `$$`. */
export interface Scope {
  readonly data: unknown;
  readonly context: unknown;
  readonly random: Random;
}

/**
 * Reads what stands behind a name that ends in `.$`: a path, a path into the context object, or a call such as
 * `States.Format('{}/{}', $.a, $$.Execution.Name)`.
 *
 * @throws Error that says what was expected
 */
export function parseExpression(text: string): Expression {
  if (text.startsWith('$')) return pathOf(text);
  const reader = new Reader(text);
  const call = reader.call();
  reader.end();
  return call;
}

/** A path named nothing. */
export class NothingThere extends Error {
  override readonly name = 'NothingThere';
  readonly path: string;
  /** What was looked through, as JSON. */
  readonly input: string;

  constructor(path: string, input: unknown) {
    super(`The path ${path} names nothing`);
    this.path = path;
    this.input = JSON.stringify(input) ?? '';
  }
}

/**
 * @throws NothingThere where a path names nothing
 * @throws StateFailed `States.IntrinsicFailure` where a function is asked for what it cannot do
 */
export function evaluate(expression: Expression, scope: Scope): unknown {
  if (expression.kind === 'value') return expression.value;
  if (expression.kind === 'path') {
    const { text } = expression;
    const found = lookUp(text, scope);
    if (found === undefined) throw new NothingThere(text, text.startsWith('$$') ? scope.context : scope.data);
    return found;
  }
  const args = expression.args.map((argument) => evaluate(argument, scope));
  const run = FUNCTIONS[expression.name] as Intrinsic;
  try {
    return run(args, scope.random);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StateFailed('States.IntrinsicFailure', `${expression.name}: ${why}`);
  }
}

type Places = Pick<Scope, 'data' | 'context'>;

/** What a path names, in the data or, behind `$$`, in the context object; undefined where there is nothing. */
export function lookUp(text: string, { data, context }: Places): unknown {
  return text.startsWith('$$') ? find(parsePath(text.slice(1)), context) : find(parsePath(text), data);
}

/** @throws StateFailed `States.Runtime` where the path names nothing */
export function readIn(text: string, places: Places): unknown {
  const found = lookUp(text, places);
  if (found === undefined) throw runtimeError(`Invalid path '${text}': there is nothing at this path.`);
  return found;
}

function pathOf(text: string): Expression {
  parsePath(text.startsWith('$$') ? text.slice(1) : text);
  return { kind: 'path', text };
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  call(): Expression {
    const name = this.#take(/States\.\w+/y);
    const most = name === undefined ? undefined : ARGUMENTS[name];
    if (name === undefined || most === undefined) {
      throw new Error(`expected a path or an intrinsic function, received ${this.#text}`);
    }
    this.#expect('(');
    const args: Expression[] = [];
    while (!this.#skip(')')) {
      if (args.length > 0) this.#expect(',');
      args.push(this.#argument());
    }
    if (args.length < most[0] || args.length > most[1]) {
      const expected = most[0] === most[1] ? most[0] : `${most[0]} or more`;
      throw new Error(`${name} expects ${expected} arguments, received ${args.length}`);
    }
    return { kind: 'call', name, args };
  }

  end(): void {
    if (this.#at < this.#text.length) throw this.#unexpected('the end');
  }

  #argument(): Expression {
    this.#space();
    const string = this.#take(/'(?:[^'\\]|\\.)*'/y);
    if (string !== undefined) {
      // States.Format sees escaped braces for itself.
      return { kind: 'value', value: string.slice(1, -1).replaceAll(/\\(['\\])/g, '$1') };
    }
    const path = this.#take(/\$\$?(?:\.[\p{L}_][\p{L}\p{N}_-]*|\[[^\]]*\])*/uy);
    if (path !== undefined) return pathOf(path);
    const literal = this.#take(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y);
    if (literal !== undefined) return { kind: 'value', value: JSON.parse(literal) };
    return this.call();
  }

  #expect(token: string): void {
    if (!this.#skip(token)) throw this.#unexpected(token);
  }

  #skip(token: string): boolean {
    this.#space();
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    this.#space();
    return true;
  }

  #space(): void {
    this.#take(/\s*/y);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    if (match !== undefined) this.#at += match.length;
    return match;
  }

  #unexpected(expected: string): Error {
    return new Error(
      `expected ${expected} in ${this.#text}, received ${this.#text.slice(this.#at) || 'nothing'}`,
    );
  }
}

type Intrinsic = (args: readonly unknown[], random: Random) => unknown;

/** Step Functions Developer Guide, "Intrinsics for JSONPath states": arrays of at most a thousand items. */
const MOST_ITEMS = 1_000;

/**
 * How many arguments each function takes, at least and at most. MathRandom may be given a seed on AWS, where it
 * makes the numbers those of a generator that nobody knows.
 */
const ARGUMENTS: Readonly<Record<string, readonly [number, number]>> = {
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

const FUNCTIONS: Readonly<Record<string, Intrinsic>> = {
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
