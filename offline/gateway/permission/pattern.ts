import { PolicyError } from './errors.ts';

/**
 * What a request says about itself: the values of a condition key, named in lower case; undefined where the
 * request has no such key.
 */
export type Facts = (key: string) => readonly string[] | undefined;

export interface PatternOptions {
  /** Whether `*` and `?` stand for other characters. */
  readonly wildcards: boolean;
  /** Whether `${aws:username}` stands for a fact. Policies have variables since version 2012-10-17. */
  readonly variables: boolean;
  readonly ignoreCase?: boolean;
  /** @throws PolicyError where a variable of this name, in lower case, can't be asked for */
  readonly checkVariable?: (key: string) => void;
}

interface Variable {
  readonly key: string;
  readonly fallback: string | undefined;
}

/** A character code, one of the wildcards below, or a variable. */
type Piece = number | Variable;

const ANY = -1;
const ONE = -2;

/** Text of a policy that is compared with text of a request. */
export class Pattern {
  readonly text: string;
  readonly #fits: (text: string, facts: Facts) => boolean;
  readonly #ignoreCase: boolean;

  /** @throws PolicyError */
  constructor(text: string, options: PatternOptions, where: string) {
    this.text = text;
    this.#ignoreCase = options.ignoreCase ?? false;
    this.#fits = fitting(piecesOf(this.#fold(text), options, where), (value) => this.#fold(value));
  }

  matches(text: string, facts: Facts): boolean {
    return this.#fits(this.#fold(text), facts);
  }

  #fold(text: string): string {
    return this.#ignoreCase ? text.toLowerCase() : text;
  }
}

/** Most patterns are plain text, or plain text and a star: those need no search. */
function fitting(pieces: readonly Piece[], fold: (value: string) => string): Pattern['matches'] {
  if (!pieces.every((piece) => typeof piece === 'number')) {
    return (text, facts) => {
      const codes = expand(pieces, facts, fold);
      return codes !== undefined && matchesWildcards(codes, text);
    };
  }
  const start = pieces.findIndex((code) => code < 0);
  if (start < 0) {
    const literal = textOf(pieces);
    return (text) => text === literal;
  }
  const prefix = textOf(pieces.slice(0, start));
  if (pieces[start] === ANY && start === pieces.length - 1) return (text) => text.startsWith(prefix);
  return (text) => text.startsWith(prefix) && matchesWildcards(pieces, text);
}

/** The pattern with the request's values in it; undefined where the request has not all of them. */
function expand(
  pieces: readonly Piece[],
  facts: Facts,
  fold: (value: string) => string,
): readonly number[] | undefined {
  const codes: number[] = [];
  for (const piece of pieces) {
    if (typeof piece === 'number') codes.push(piece);
    else {
      const value = facts(piece.key)?.[0] ?? piece.fallback;
      if (value === undefined) return undefined;
      codes.push(...codesOf(fold(value)));
    }
  }
  return codes;
}

/**
 * Whether `text` is what the pattern describes: character codes, ANY for any number of characters, ONE for
 * exactly one. Takes time in proportion to pattern times text at worst, whatever the pattern.
 */
function matchesWildcards(pattern: readonly number[], text: string): boolean {
  let at = 0;
  let patternAt = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (at < text.length) {
    const code = pattern[patternAt];
    if (code === ONE || code === text.charCodeAt(at)) {
      at++;
      patternAt++;
    } else if (code === ANY) {
      starAt = patternAt++;
      resumeAt = at;
    } else if (starAt >= 0) {
      patternAt = starAt + 1;
      at = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[patternAt] === ANY) patternAt++;
  return patternAt === pattern.length;
}

const VARIABLE = /\$\{([^}]*)\}/y;
const VARIABLE_BODY = /^\s*([^,'\s]+)\s*(?:,\s*'([^']*)'\s*)?$/;

function piecesOf(text: string, options: PatternOptions, where: string): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length; at++) {
    VARIABLE.lastIndex = at;
    const body = options.variables ? VARIABLE.exec(text)?.[1] : undefined;
    if (body !== undefined) {
      pieces.push(...variable(body, options, where));
      at = VARIABLE.lastIndex - 1;
    } else if (options.wildcards && text[at] === '*') pieces.push(ANY);
    else if (options.wildcards && text[at] === '?') pieces.push(ONE);
    else pieces.push(text.charCodeAt(at));
  }
  return pieces;
}

/** `${*}`, `${?}` and `${$}` are the characters themselves. */
function variable(body: string, { checkVariable }: PatternOptions, where: string): Piece[] {
  if (/^[*?$]$/.test(body)) return codesOf(body);
  const [, name, fallback] = VARIABLE_BODY.exec(body) ?? [];
  if (!name) throw new PolicyError(where, `expected a policy variable, received \${${body}}`);
  const key = name.toLowerCase();
  checkVariable?.(key);
  return [{ key, fallback }];
}

function textOf(codes: readonly number[]): string {
  return String.fromCharCode(...codes);
}

function codesOf(text: string): number[] {
  return Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}
