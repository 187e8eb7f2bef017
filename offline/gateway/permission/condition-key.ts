import type { Call, Need } from '../../contract.ts';
import type { Caller } from './caller.ts';

/** What condition keys are read from. */
export interface Subject {
  readonly call: Pick<Call, 'operation' | 'input' | 'http'>;
  readonly need: Need;
  readonly caller: Caller;
  readonly region: string;
  readonly account: string;
  /** Milliseconds since the epoch, on the stack's clock. */
  readonly now: number;
  /** The name of the partition key, by the ARN of its table or index. */
  readonly partitionKeys: ReadonlyMap<string, string>;
}

/** A condition key: what a request says of it, undefined where it isn't there. */
export interface ConditionKey {
  /** Whether it has a set of values, which conditions compare with ForAllValues or ForAnyValue. */
  readonly many?: boolean;
  readonly read: (subject: Subject) => readonly string[] | undefined;
}

export type ConditionKeys = Readonly<Record<string, ConditionKey>>;

/** A key with one value. */
export function one(read: (subject: Subject) => unknown): ConditionKey {
  return {
    read: (subject) => {
      const value = read(subject);
      return value === undefined ? undefined : [String(value)];
    },
  };
}
