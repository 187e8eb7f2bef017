import { BlockList, isIP } from 'node:net';
import { ArnPattern, splitArn } from './arn-pattern.ts';
import { PolicyError } from './errors.ts';
import { type Facts, Pattern, type PatternOptions } from './pattern.ts';

/** Whether a value of the request is what one value of the policy asks for. */
export type Test = (value: string, facts: Facts) => boolean;

/** How the values of a condition's element are read. */
export interface ValueOptions extends Pick<PatternOptions, 'variables' | 'checkVariable'> {
  readonly where: string;
}

export interface Operator {
  /** Reads a value of the policy. @throws PolicyError */
  readonly test: (value: string, options: ValueOptions) => Test;
  /** Whether the condition holds where no value of the policy fits, which it also does without the key. */
  readonly negated: boolean;
}

type Reader = Operator['test'];

const text =
  (pattern: Pick<PatternOptions, 'wildcards' | 'ignoreCase'>): Reader =>
  (asked, options) => {
    const compiled = new Pattern(asked, { ...options, ...pattern }, options.where);
    return (value, facts) => compiled.matches(value, facts);
  };

/** ArnEquals and ArnLike are the same: both take wildcards. */
const arn: Reader = (asked, options) => {
  const compiled = new ArnPattern(asked, { ...options, completes: false }, options.where);
  return (value, facts) => compiled.matches(splitArn(value), facts);
};

const boolean: Reader = (asked, { where }) => {
  const wanted = asked.toLowerCase();
  if (wanted !== 'true' && wanted !== 'false') throw expected('true or false', asked, where);
  return (value) => value.toLowerCase() === wanted;
};

/** Compares as bytes, whichever way their base64 is padded. */
const binary: Reader = (asked, { where }) => {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(asked)) throw expected('base64', asked, where);
  const wanted = Buffer.from(asked, 'base64');
  return (value) => wanted.equals(Buffer.from(value, 'base64'));
};

type Comparison = (value: number, asked: number) => boolean;

/** Compares what `read` makes of both sides; a value of the request that is none of its kind never fits. */
const ordered =
  (kind: string, read: (text: string) => number) =>
  (compare: Comparison): Reader =>
  (asked, { where }) => {
    const wanted = read(asked);
    if (Number.isNaN(wanted)) throw expected(kind, asked, where);
    return (value) => {
      const given = read(value);
      return !Number.isNaN(given) && compare(given, wanted);
    };
  };

const numeric = ordered('a number', (text) => (text.trim() === '' ? Number.NaN : Number(text)));

/** ISO 8601, or seconds since the epoch. */
const date = ordered('a date or seconds since the epoch', (text) =>
  /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text),
);

/** An address or a range in CIDR form, IPv4 or IPv6. */
const address: Reader = (asked, { where }) => {
  const [base = '', length] = asked.split('/');
  const family = isIP(base);
  const longest = family === 6 ? 128 : 32;
  const prefix = length === undefined ? longest : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (family === 0 || !(prefix <= longest)) throw expected('an address or a CIDR range', asked, where);
  const range = new BlockList();
  range.addSubnet(base, prefix, family === 6 ? 'ipv6' : 'ipv4');
  return (value) => isIP(value) !== 0 && range.check(value, isIP(value) === 6 ? 'ipv6' : 'ipv4');
};

const equal: Comparison = (value, asked) => value === asked;
const less: Comparison = (value, asked) => value < asked;
const lessOrEqual: Comparison = (value, asked) => value <= asked;
const greater: Comparison = (value, asked) => value > asked;
const greaterOrEqual: Comparison = (value, asked) => value >= asked;

const is = (test: Reader): Operator => ({ test, negated: false });
const not = (test: Reader): Operator => ({ test, negated: true });

const exactly = text({ wildcards: false });
const anyCase = text({ wildcards: false, ignoreCase: true });
const like = text({ wildcards: true });

/** Source: IAM User Guide, "IAM JSON policy elements: Condition operators". */
export const operators: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', is(exactly)],
  ['StringNotEquals', not(exactly)],
  ['StringEqualsIgnoreCase', is(anyCase)],
  ['StringNotEqualsIgnoreCase', not(anyCase)],
  ['StringLike', is(like)],
  ['StringNotLike', not(like)],
  ['NumericEquals', is(numeric(equal))],
  ['NumericNotEquals', not(numeric(equal))],
  ['NumericLessThan', is(numeric(less))],
  ['NumericLessThanEquals', is(numeric(lessOrEqual))],
  ['NumericGreaterThan', is(numeric(greater))],
  ['NumericGreaterThanEquals', is(numeric(greaterOrEqual))],
  ['DateEquals', is(date(equal))],
  ['DateNotEquals', not(date(equal))],
  ['DateLessThan', is(date(less))],
  ['DateLessThanEquals', is(date(lessOrEqual))],
  ['DateGreaterThan', is(date(greater))],
  ['DateGreaterThanEquals', is(date(greaterOrEqual))],
  ['Bool', is(boolean)],
  ['BinaryEquals', is(binary)],
  ['IpAddress', is(address)],
  ['NotIpAddress', not(address)],
  ['ArnEquals', is(arn)],
  ['ArnNotEquals', not(arn)],
  ['ArnLike', is(arn)],
  ['ArnNotLike', not(arn)],
]);

function expected(what: string, asked: string, where: string): PolicyError {
  return new PolicyError(where, `expected ${what}, received "${asked}"`);
}
