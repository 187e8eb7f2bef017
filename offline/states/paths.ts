import { StateFailed } from './errors.ts';

/** A reference path, step by step: member names and array indexes. */
export type Path = readonly (string | number)[];

const STEP = /\.([\p{L}_][\p{L}\p{N}_-]*)|\[(-?\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/uy;

/**
 * Reads a reference path such as `$.photo.tags[0]`. Paths that may name many nodes (wildcards, slices, filters,
 * `..`) are not offered.
 * Source: Amazon States Language, "Reference Paths".
 *
 * @throws Error that says what was expected
 */
export function parsePath(text: string): Path {
  if (!text.startsWith('$')) throw new Error(`expected a path that begins with $, received ${text}`);
  const steps: (string | number)[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < text.length) {
    const from = STEP.lastIndex;
    const [match, name, index, single, double] = STEP.exec(text) ?? [];
    if (match === undefined) {
      throw new Error(`expected a reference path, received ${text} (from ${text.slice(from)})`);
    }
    const quoted = single ?? double;
    steps.push(name ?? (index !== undefined ? Number(index) : (quoted as string).replaceAll(/\\(.)/g, '$1')));
  }
  return steps;
}

/** What the path names in `data`; undefined where there is nothing. */
export function find(path: Path, data: unknown): unknown {
  return path.reduce<unknown>((at, step) => {
    if (typeof step === 'number') return Array.isArray(at) ? at.at(step) : undefined;
    const isObject = typeof at === 'object' && at !== null && !Array.isArray(at);
    return isObject && Object.hasOwn(at, step) ? (at as Record<string, unknown>)[step] : undefined;
  }, data);
}

/**
 * `data` with `value` at the path; what is missing on the way is made.
 *
 * @throws StateFailed `States.ResultPathMatchFailure` where something else stands in the way
 */
export function write(text: string, data: unknown, value: unknown): unknown {
  return placed(parsePath(text), data, value, text);
}

function placed(path: Path, data: unknown, value: unknown, text: string): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === 'string' && (isPlain(data) || data === undefined)) {
    const members: Record<string, unknown> = data ?? {};
    const inner = Object.hasOwn(members, step) ? members[step] : undefined;
    return { ...members, [step]: placed(rest, inner, value, text) };
  }
  if (typeof step === 'number' && Array.isArray(data) && step >= 0 && step < data.length) {
    return data.with(step, placed(rest, data[step], value, text));
  }
  throw new StateFailed(
    'States.ResultPathMatchFailure',
    `The path ${text} cannot be written in ${shown(data)}`,
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(data: unknown): string {
  return (JSON.stringify(data) ?? 'undefined').slice(0, 500);
}
