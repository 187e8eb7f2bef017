import type { Random } from '../random.ts';
import { runtimeError, StateFailed } from './errors.ts';
import { ARGUMENTS, FUNCTIONS, type Intrinsic } from './functions.ts';
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
