import { BlockList, isIP } from 'node:net';

/** Tells whether a value fits a pattern. */
export type Matcher = (value: unknown) => boolean;

/** The pattern can't be understood. The message begins with the place in it. */
export class PatternError extends Error {
  override readonly name = 'PatternError';

  constructor(path: readonly string[], problem: string) {
    super(`${path.join('.') || 'pattern'}: ${problem}`);
  }
}

type Scalar = string | number | boolean | null;
/** Tells whether one value of a field fits. */
type Test = (value: Scalar) => boolean;

/**
 * Compiles an event pattern as SNS filter policies and Lambda event filters have them: objects nest, a list
 * holds the alternatives of one field, `$or` those of several. A field of the event that is a list fits if one
 * of its elements does.
 * @throws PatternError for an operator that isn't known here, or one that is used wrongly
 */
export function compilePattern(pattern: unknown, path: readonly string[] = []): Matcher {
  if (!isObject(pattern)) throw new PatternError(path, `expected an object, received ${show(pattern)}`);
  const fields = Object.entries(pattern).map(([name, wanted]) => compileField(name, wanted, [...path, name]));
  if (fields.length === 0) throw new PatternError(path, 'expected at least one field, received none');
  const one: Matcher = (value) => fields.every((fits) => fits(isObject(value) ? value : {}));
  return (value) => (Array.isArray(value) ? value.some(one) : one(value));
}

function compileField(name: string, wanted: unknown, path: readonly string[]): Matcher {
  if (name === '$or') {
    const ways = asList(wanted, path).map((way) => compilePattern(way, path));
    if (ways.length < 2) throw new PatternError(path, 'expected at least two alternatives');
    return (event) => ways.some((fits) => fits(event));
  }
  const fits = isObject(wanted) ? compilePattern(wanted, path) : compileLeaf(wanted, path);
  return (event) => fits((event as Record<string, unknown>)[name]);
}

function compileLeaf(wanted: unknown, path: readonly string[]): Matcher {
  const rules = asList(wanted, path).map((rule) => compileRule(rule, path));
  return (value) => {
    const values = scalarsOf(value);
    return rules.some((fits) => fits(values));
  };
}

function compileRule(rule: unknown, path: readonly string[]): (values: readonly Scalar[]) => boolean {
  if (isObject(rule) && 'exists' in rule) {
    if (typeof rule.exists !== 'boolean') throw new PatternError(path, 'exists expects true or false');
    return (values) => values.length > 0 === rule.exists;
  }
  const test = compileTest(rule, path);
  return (values) => values.some(test);
}

function compileTest(rule: unknown, path: readonly string[]): Test {
  if (isScalar(rule)) return (value) => value === rule;
  const [entry, ...others] = isObject(rule) ? Object.entries(rule) : [];
  if (!entry || others.length > 0) {
    throw new PatternError(path, `expected a value or one operator, received ${show(rule)}`);
  }
  const [operator, operand] = entry;
  if (operator === 'anything-but') return anythingBut(operand, path);
  if (operator === 'numeric') return numeric(operand, path);
  if (operator === 'cidr') return cidr(operand, path);
  return textTest(operator, operand, path);
}

/** What can be asked of a text. */
function textTest(operator: string, operand: unknown, path: readonly string[]): Test {
  if (isObject(operand) && (operator === 'prefix' || operator === 'suffix')) {
    const text = asText(operand['equals-ignore-case'], path).toLowerCase();
    return ofText((value) => affix(operator, value.toLowerCase(), text));
  }
  if (operator === 'prefix' || operator === 'suffix') {
    const text = asText(operand, path);
    return ofText((value) => affix(operator, value, text));
  }
  if (operator === 'equals-ignore-case') {
    const text = asText(operand, path).toLowerCase();
    return ofText((value) => value.toLowerCase() === text);
  }
  throw new PatternError(path, `the operator ${operator} isn't known here`);
}

function affix(operator: 'prefix' | 'suffix', value: string, text: string): boolean {
  return operator === 'prefix' ? value.startsWith(text) : value.endsWith(text);
}

function anythingBut(operand: unknown, path: readonly string[]): Test {
  if (!isObject(operand)) {
    const excluded = asList(Array.isArray(operand) ? operand : [operand], path);
    if (!excluded.every(isScalar)) throw new PatternError(path, 'anything-but expects values');
    return (value) => !excluded.includes(value);
  }
  const [[operator, texts] = ['', undefined], ...others] = Object.entries(operand);
  if (others.length > 0) throw new PatternError(path, 'anything-but expects one operator');
  const excluded = (Array.isArray(texts) ? texts : [texts]).map((text) => textTest(operator, text, path));
  return (value) => !excluded.some((test) => test(value));
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** `[">=", 0, "<", 100]`: one comparison, or a lower and an upper bound. */
function numeric(operand: unknown, path: readonly string[]): Test {
  const parts = asList(operand, path);
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    const compare = COMPARISONS[String(parts[at])];
    const bound = parts[at + 1];
    if (!compare || typeof bound !== 'number') {
      throw new PatternError(
        path,
        `numeric expects =, <, <=, > or >= and a number, received ${show(operand)}`,
      );
    }
    tests.push((value) => compare(value, bound));
  }
  if (tests.length > 2) throw new PatternError(path, 'numeric expects one comparison or two');
  return (value) => typeof value === 'number' && tests.every((fits) => fits(value));
}

function cidr(operand: unknown, path: readonly string[]): Test {
  const [address = '', bits = ''] = asText(operand, path).split('/');
  const version = isIP(address);
  if (!version || !/^\d{1,3}$/.test(bits) || Number(bits) > (version === 4 ? 32 : 128)) {
    throw new PatternError(path, `cidr expects a range such as 10.0.0.0/24, received ${show(operand)}`);
  }
  const family = (kind: number) => (kind === 4 ? 'ipv4' : 'ipv6');
  const range = new BlockList();
  range.addSubnet(address, Number(bits), family(version));
  return ofText((value) => isIP(value) === version && range.check(value, family(version)));
}

function ofText(test: (value: string) => boolean): Test {
  return (value) => typeof value === 'string' && test(value);
}

/** The values of a field; none where it is absent or no leaf. */
function scalarsOf(value: unknown): Scalar[] {
  if (Array.isArray(value)) return value.flatMap(scalarsOf);
  return isScalar(value) ? [value] : [];
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asList(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  throw new PatternError(path, `expected a list of at least one, received ${show(value)}`);
}

function asText(value: unknown, path: readonly string[]): string {
  if (typeof value === 'string') return value;
  throw new PatternError(path, `expected a text, received ${show(value)}`);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
