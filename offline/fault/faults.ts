import type { Clock } from '../clock.ts';
import type { Answer, Call, Need, Principal, Stack } from '../contract.ts';
import type { Fault } from '../gateway/fault.ts';
import { Pattern } from '../gateway/permission/pattern.ts';
import { Random } from '../random.ts';
import { applyEffect } from './apply.ts';
import { canMeet } from './effect.ts';
import type { FaultRule } from './file.ts';

/** One fault, with how many calls fitted it and how many met it. */
export interface FaultReport {
  readonly rule: FaultRule;
  readonly fitted: number;
  readonly met: number;
}

interface Armed {
  readonly rule: FaultRule;
  readonly resource: Pattern | undefined;
  readonly operations: ReadonlySet<string> | undefined;
  /** How many calls fitted, by caller and operation: each has a sequence of draws of its own. */
  readonly counts: Map<string, number>;
  fitted: number;
  met: number;
}

export interface FaultSettings {
  readonly clock: Clock;
  /** The same seed and the same calls of each caller meet the same faults. */
  readonly seed: number;
  /** How far back, in ms, the engines can answer. */
  readonly hindsightMs: number;
  /** Ends the workers in which a function, by its deployed name, is at work; without it nothing crashes. */
  readonly crash?: (functionName: string) => Promise<void>;
}

/** The third stage of the gateway, once faults are asked for. A call that meets several meets them in order. */
export class Faults implements Fault {
  readonly #settings: FaultSettings;
  readonly #met = new WeakMap<Call, string>();
  #armed: Armed[] = [];
  #functions: readonly string[] | undefined;

  constructor(settings: FaultSettings) {
    this.#settings = settings;
  }

  /** Gets to know the functions that may call; faults for others are mistakes from now on. */
  govern({ resources }: Stack): void {
    const functions = resources.filter(({ type }) => type === 'AWS::Lambda::Function');
    this.#functions = functions.map(({ name }) => shortName(name));
    this.#check(this.#armed.map(({ rule }) => rule));
  }

  /**
   * Replaces all faults; counts begin anew.
   * @throws Error for a caller that doesn't exist, or a lag that engines don't remember
   */
  set(rules: readonly FaultRule[]): void {
    this.#check(rules);
    this.#armed = rules.map((rule) => ({
      rule,
      resource:
        rule.resource === undefined
          ? undefined
          : new Pattern(rule.resource, { wildcards: true, variables: false }, rule.name),
      operations: rule.operation === undefined ? undefined : new Set([rule.operation].flat()),
      counts: new Map(),
      fitted: 0,
      met: 0,
    }));
  }

  report(): FaultReport[] {
    return this.#armed.map(({ rule, fitted, met }) => ({ rule, fitted, met }));
  }

  metBy(call: Call): string | undefined {
    return this.#met.get(call);
  }

  apply(call: Call, next: (call: Call) => Promise<Answer>, needs: readonly Need[]): Promise<Answer> {
    if (this.#armed.length === 0) return next(call);
    const meetings = this.#armed.flatMap((armed) => {
      const random = fits(armed, call, needs) ? this.#draw(armed, call) : undefined;
      return random ? [{ effect: armed.rule.effect, name: armed.rule.name, random }] : [];
    });
    if (meetings.length === 0) return next(call);
    this.#met.set(call, meetings.map(({ name }) => name).join(','));
    const entered = meetings.reduceRight<typeof next>(
      (inner, { effect, random }) =>
        (met) =>
          applyEffect(effect, met, inner, { crash: async () => {}, ...this.#settings, random }),
      next,
    );
    return entered(call);
  }

  /**
   * Whether this call meets the fault: if so, the source of what else is by chance in it. What is drawn depends
   * on the caller's how-manieth call it is, not on who else calls in between.
   */
  #draw(armed: Armed, call: Call): Random | undefined {
    const { name, probability, after, times = Number.POSITIVE_INFINITY } = armed.rule;
    const sequence = `${callerOf(call.principal)} ${call.operation}`;
    const count = (armed.counts.get(sequence) ?? 0) + 1;
    armed.counts.set(sequence, count);
    armed.fitted += 1;
    const random = new Random(hash(`${this.#settings.seed} ${name} ${sequence} ${count}`));
    const chosen = random.next() < probability;
    if (!chosen || armed.fitted <= after || armed.met >= times) return undefined;
    armed.met += 1;
    return random;
  }

  #check(rules: readonly FaultRule[]): void {
    for (const { name, caller, effect } of rules) {
      if (effect.kind === 'stale' && effect.ms > this.#settings.hindsightMs) {
        throw new Error(
          `The fault ${name} lags ${effect.ms} ms behind, but the stack remembers ${this.#settings.hindsightMs} ms: start it with a fault file that has the longest lag.`,
        );
      }
      const named = caller !== undefined && !caller.startsWith('service:') && !people.has(caller);
      if (named && this.#functions && !this.#functions.includes(caller)) {
        const known = this.#functions.join(', ');
        throw new Error(
          `The fault ${name} is for the caller ${caller}, which isn't one of the functions ${known}.`,
        );
      }
    }
  }
}

/** How far back, in ms, engines have to remember for these faults. */
export function hindsightOf(rules: readonly FaultRule[]): number {
  return Math.max(0, ...rules.map(({ effect }) => (effect.kind === 'stale' ? effect.ms : 0)));
}

const people = new Set(['developer', 'anonymous']);

function fits({ rule, resource, operations }: Armed, call: Call, needs: readonly Need[]): boolean {
  return (
    rule.service === call.service &&
    (operations?.has(call.operation) ?? true) &&
    canMeet(rule.effect, call.service, call.operation) &&
    (rule.caller === undefined || rule.caller === callerOf(call.principal)) &&
    (resource === undefined || needs.some((need) => resource.matches(need.resource, () => undefined)))
  );
}

/** As fault files name it. */
function callerOf(principal: Principal): string {
  if (principal.kind === 'function') return shortName(principal.name);
  if (principal.kind === 'service') return `service:${principal.name.split('.')[0]}`;
  return principal.kind;
}

/** Functions are deployed as `<service>-<stage>-<key>`, and keys have no dash. */
function shortName(name: string): string {
  return name.slice(name.lastIndexOf('-') + 1);
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}
