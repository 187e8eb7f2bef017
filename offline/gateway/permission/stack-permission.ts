import type { Clock } from '../../clock.ts';
import { type Call, type Need, ServiceError, type Stack } from '../../contract.ts';
import type { Permission } from '../permission.ts';
import { advise } from './advice.ts';
import type { Caller } from './caller.ts';
import type { Subject } from './condition-key.ts';
import { factsOf } from './condition-keys.ts';
import { denied, missingKey } from './denial.ts';
import { type Applicable, type Decision, evaluate } from './evaluate.ts';
import { impliedNeeds } from './implied-needs.ts';
import { partitionKeysOf } from './partition-keys.ts';
import type { Facts } from './pattern.ts';
import { type Actor, type Judged, Policies } from './policies.ts';
import { referenceTo } from './references.ts';

export interface PermissionSettings {
  readonly clock: Clock;
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  /** Told once of each thing that is denied, and what would allow it. */
  readonly log: (line: string) => void;
}

/** What a call is about, as far as permissions ask. */
export type Asked = Pick<Call, 'principal' | 'operation' | 'input' | 'http'>;

/** One need of a call, judged, with everything that led there. */
export interface Judgement {
  readonly decision: Decision;
  readonly judged: Judged;
  readonly applicable: Applicable;
  readonly facts: Facts;
}

interface Governed {
  readonly stack: Stack;
  readonly policies: Policies;
  readonly partitionKeys: ReadonlyMap<string, string>;
}

/**
 * Judges every call by the policies of the stack: functions under their own roles, services by the policies of
 * what they use, the developer as an administrator, and who has no key by the policies of resources alone.
 */
export class StackPermission implements Permission {
  readonly #settings: PermissionSettings;
  readonly #told = new Set<string>();
  #governed: Governed | undefined;

  constructor(settings: PermissionSettings) {
    this.#settings = settings;
  }

  /**
   * Takes the stack's policies; before that, everything is refused.
   * @throws PolicyError naming what can't be judged
   * @throws Error naming every right that is missing for what AWS does by itself
   */
  govern(stack: Stack): void {
    const policies = new Policies(stack);
    this.#governed = { stack, policies, partitionKeys: partitionKeysOf(stack) };
    const problems = [...policies.actors.flatMap((actor) => this.#distrusted(actor)), ...this.#missing()];
    if (problems.length > 0) throw new Error(['On AWS this would not work:', ...problems].join('\n  '));
  }

  check(call: Call, needs: readonly Need[]): void {
    if (call.principal.kind === 'anonymous' && isClosed(call, needs)) {
      throw call.service === 's3' ? new ServiceError('AccessDenied', 'Access Denied', 403) : missingKey();
    }
    for (const need of needs) {
      const judgement = this.judge(call, need);
      if (judgement.decision.allowed) continue;
      this.#tell(call, need, judgement);
      throw denied({ call, need, caller: judgement.judged.caller, by: judgement.decision.by });
    }
  }

  /** Whether the caller may list the bucket that the call is about: only then S3 tells what isn't there. */
  mayList(call: Asked): boolean {
    const resource = `arn:aws:s3:::${call.input.Bucket}`;
    return this.judge(call, { action: 's3:ListBucket', resource }).decision.allowed;
  }

  judge({ principal, ...call }: Asked, need: Need): Judgement {
    const { policies } = this.#stack;
    const judged = policies.judged(principal, need.resource);
    const { caller } = judged;
    const facts = this.#facts(call, need, caller);
    const applicable = policies.applicable(judged, need.resource);
    return { decision: evaluate(applicable, { caller, ...need, facts }), judged, applicable, facts };
  }

  /** What is wrong where a role doesn't let its actor take it on. */
  #distrusted({ logicalId, arn, roleArn, service }: Actor): string[] {
    const { trust = [], logicalId: role } = this.#stack.policies.roles.get(roleArn) ?? {};
    const caller: Caller = { kind: 'service', name: service, sourceArn: arn };
    const need = { action: 'sts:AssumeRole', resource: roleArn };
    const facts = this.#facts({ operation: 'AssumeRole', input: {} }, need, caller);
    const { allowed } = evaluate({ identity: [], resource: trust }, { caller, ...need, facts });
    return allowed ? [] : [`${logicalId}: ${role} does not let ${service} assume it.`];
  }

  /** The rights that are missing for what AWS does because of the template. */
  #missing(): string[] {
    const { stack } = this.#stack;
    const { region, account } = this.#settings;
    return impliedNeeds(stack, region, account).flatMap(({ principal, need, why, input = {} }) => {
      const { decision, judged, applicable, facts } = this.judge({ principal, operation: '', input }, need);
      if (decision.allowed) return [];
      const refused = { principal, caller: judged.caller, need, applicable, facts, by: decision.by };
      return [`${advise(refused, stack)} (for ${why})`];
    });
  }

  #facts(call: Subject['call'], need: Need, caller: Caller): Facts {
    const { clock, region, account } = this.#settings;
    const { partitionKeys } = this.#stack;
    return factsOf({ call, need, caller, region, account, now: clock.now(), partitionKeys });
  }

  get #stack(): Governed {
    if (this.#governed) return this.#governed;
    throw new ServiceError('ServiceUnavailable', 'The stack is not there yet.', 503);
  }

  #tell({ principal }: Asked, need: Need, { decision, judged, applicable, facts }: Judgement): void {
    const { stack } = this.#stack;
    const topic = JSON.stringify([principal, need.action, referenceTo(need.resource, stack)]);
    if (this.#told.has(topic)) return;
    this.#told.add(topic);
    const { caller } = judged;
    const line = advise({ principal, caller, need, applicable, facts, by: decision.by }, stack);
    this.#settings.log(`Permission: ${line}`);
  }
}

/** What is not for callers without a key, whatever policies say. */
function isClosed({ service, operation }: Call, needs: readonly Need[]): boolean {
  return service === 's3' ? needs.length === 0 && operation !== 'OptionsObject' : needs.length > 0;
}
