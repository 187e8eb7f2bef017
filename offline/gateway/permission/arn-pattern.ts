import { PolicyError } from './errors.ts';
import { type Facts, Pattern, type PatternOptions } from './pattern.ts';

/** The parts of an ARN: `arn`, partition, service, region, account, and all the rest. */
export type Arn = readonly string[];

const PARTS = 6;

/** Splits an ARN at its first five colons. Text with fewer gives fewer parts. */
export function splitArn(text: string): Arn {
  const parts: string[] = [];
  let from = 0;
  while (parts.length < PARTS - 1) {
    const colon = text.indexOf(':', from);
    if (colon < 0) break;
    parts.push(text.slice(from, colon));
    from = colon + 1;
  }
  parts.push(text.slice(from));
  return parts;
}

export interface ArnPatternOptions extends Pick<PatternOptions, 'variables' | 'checkVariable'> {
  /** Whether missing parts at the end stand for anything, as in `Resource`. */
  readonly completes: boolean;
}

/** A pattern for ARNs. It is compared part by part: a wildcard doesn't reach over the first five colons. */
export class ArnPattern {
  readonly text: string;
  /** Undefined for `*`, which is every resource. */
  readonly #parts: readonly Pattern[] | undefined;

  /** @throws PolicyError */
  constructor(text: string, options: ArnPatternOptions, where: string) {
    this.text = text;
    if (text === '*' && options.completes) return;
    const parts = options.variables ? splitPattern(text) : [...splitArn(text)];
    const complete = parts.length === PARTS || (options.completes && parts.length > 2);
    if (parts[0] !== 'arn' || !complete) {
      throw new PolicyError(where, `expected an ARN${options.completes ? ' or *' : ''}, received "${text}"`);
    }
    while (parts.length < PARTS) parts.push('*');
    this.#parts = parts.map((part) => new Pattern(part, { ...options, wildcards: true }, where));
  }

  matches(arn: Arn, facts: Facts): boolean {
    if (!this.#parts) return true;
    return arn.length === PARTS && this.#parts.every((part, at) => part.matches(arn[at] as string, facts));
  }
}

/** As `splitArn`, but the colons in `${aws:username}` separate nothing. */
function splitPattern(text: string): string[] {
  const variables: string[] = [];
  const masked = text.replace(/\$\{[^}]*\}/g, (variable) => `\0${variables.push(variable) - 1}\0`);
  return splitArn(masked).map((part) =>
    part.replace(/\0(\d+)\0/g, (_, index) => variables[Number(index)] as string),
  );
}
