import type { Random } from '../random.ts';
import { compileTimePattern } from './java-time.ts';

/** What a prefix is evaluated for. */
interface Occasion {
  /** When the oldest record of the object arrived, in milliseconds since the epoch. */
  readonly at: number;
  readonly random: Random;
}

/** The beginning of an object's key. */
export type Prefix = (occasion: Occasion) => string;

/** Where the objects of a stream go. */
export interface Prefixes {
  readonly delivered: Prefix;
  /** Of what could not be transformed. */
  readonly failed: Prefix;
}

const EXPRESSION = /!\{(\w+):([^}]*)\}/;
const BY_THE_HOUR = '!{timestamp:yyyy/MM/dd/HH/}';
const ERROR_TYPE = '!{firehose:error-output-type}';

/** "Neither `Prefix` nor `ErrorOutputPrefix` can be greater than 512 characters after they're evaluated". */
const LONGEST = 512;

/**
 * Developer Guide, "Understand custom prefixes for Amazon S3 objects", with what it adds to prefixes that don't
 * say it: the hour of arrival, and to those of failures their kind.
 * @throws Error that says which prefix can't be evaluated and why
 */
export function prefixesOf(prefix = '', errorPrefix?: string): Prefixes {
  if (errorPrefix === undefined && EXPRESSION.test(prefix)) {
    throw new Error('Prefix has expressions, so that there must be an ErrorOutputPrefix too');
  }
  if (prefix.includes(ERROR_TYPE)) throw new Error(`Prefix must not contain ${ERROR_TYPE}`);
  const failed = errorPrefix ?? prefix;
  if (EXPRESSION.test(failed) && !failed.includes(ERROR_TYPE)) {
    throw new Error(`ErrorOutputPrefix has expressions, so that it must contain ${ERROR_TYPE}`);
  }
  return {
    delivered: compile('Prefix', prefix.includes('!{timestamp:') ? prefix : prefix + BY_THE_HOUR),
    failed: compile(
      'ErrorOutputPrefix',
      EXPRESSION.test(failed) ? failed : `${failed}${ERROR_TYPE}/${BY_THE_HOUR}`,
    ),
  };
}

function compile(property: string, text: string): Prefix {
  const parts: Prefix[] = [];
  // Two groups: every third piece is a text between expressions.
  const pieces = text.split(new RegExp(EXPRESSION, 'g'));
  for (let at = 0; at < pieces.length; at += 3) {
    const [literal = '', namespace, value] = pieces.slice(at, at + 3);
    if (literal.includes('!{')) throw new Error(`${property}: expected !{namespace:value} in "${text}"`);
    parts.push(() => literal);
    if (namespace !== undefined) parts.push(compileExpression(property, namespace, value ?? ''));
  }
  return (occasion) => {
    const prefix = parts.map((part) => part(occasion)).join('');
    if (prefix.length <= LONGEST) return prefix;
    throw new Error(`${property}: expected up to ${LONGEST} characters, "${prefix}" came`);
  };
}

function compileExpression(property: string, namespace: string, value: string): Prefix {
  if (namespace === 'timestamp') {
    const pattern = compileTimePattern(value);
    return ({ at }) => pattern(new Date(at));
  }
  if (namespace === 'firehose' && value === 'error-output-type') return () => 'processing-failed';
  if (namespace === 'firehose' && value === 'random-string')
    return ({ random }) => random.uuid().slice(0, 11);
  throw new Error(`${property}: !{${namespace}:${value}} is not offered by the local Firehose`);
}
