import type { Principal, Resource, Stack } from '../../contract.ts';
import { type Caller, plainCaller, roleSession } from './caller.ts';
import { PolicyError } from './errors.ts';
import type { Applicable } from './evaluate.ts';
import {
  mappingPolicies,
  policyOwner,
  type ResourcePolicies,
  readResourcePolicies,
} from './resource-policies.ts';
import { type Role, readRoles } from './roles.ts';
import { compilePolicy, type Statement } from './statement.ts';

/** Who a principal is judged as, and what their role says. */
export interface Judged {
  readonly caller: Caller;
  readonly identity: readonly Statement[];
}

const administrator: readonly Statement[] = compilePolicy(
  { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
  'identity',
  'administrator',
);

/** What the template says about who may do what. */
export class Policies {
  /** By the ARN of the resource they are about. */
  readonly ofResources: ResourcePolicies;
  readonly #ofMappings: ResourcePolicies;
  readonly roles: ReadonlyMap<string, Role>;
  /** What acts in roles: functions, schedules, state machines ... */
  readonly actors: readonly Actor[];
  /** Who acts in a role, by its ARN and, for a rule, that of its target. */
  readonly #judged = new Map<string, Judged>();
  readonly #privateBuckets: ReadonlySet<string>;

  /** @throws PolicyError naming what in the template can't be judged */
  constructor(stack: Stack) {
    this.ofResources = readResourcePolicies(stack);
    this.#ofMappings = mappingPolicies(stack);
    this.actors = stack.resources.flatMap(actorsOf);
    this.roles = readRoles(stack, new Map(this.actors.map(({ roleArn, logicalId }) => [roleArn, logicalId])));
    for (const { arn, target, name, roleArn } of this.actors) {
      const { statements } = this.roles.get(roleArn) as Role;
      this.#judged.set(`${arn}${target}`, { caller: roleSession(roleArn, name), identity: statements });
    }
    this.#privateBuckets = new Set(stack.resources.filter(isPrivate).map(({ arn }) => arn));
  }

  /**
   * @param resource what the principal wants to use: rules have a role for some of their targets
   * @throws PolicyError for a function that isn't in the stack
   */
  judged(principal: Principal, resource: string): Judged {
    if (principal.kind === 'function') {
      const judged = this.#judged.get(principal.arn);
      if (judged) return judged;
      throw new PolicyError(principal.arn, 'is not a function of the stack');
    }
    if (principal.kind === 'service') {
      const { sourceArn } = principal;
      const judged = this.#judged.get(sourceArn) ?? this.#judged.get(`${sourceArn} ${resource}`);
      if (judged) return judged;
    }
    const identity = principal.kind === 'developer' ? administrator : [];
    return { caller: plainCaller(principal), identity };
  }

  /** Every statement that has a say in what the caller does to the resource. */
  applicable({ caller, identity }: Judged, resource: string): Applicable {
    const owner = policyOwner(resource);
    const isShut = caller.kind === 'anonymous' && this.#privateBuckets.has(owner);
    if (isShut) return { identity, resource: [] };
    const resourceStatements = [this.ofResources, this.#ofMappings].flatMap((each) => each.get(owner) ?? []);
    return { identity, resource: resourceStatements };
  }
}

/** Something that calls services in a role. */
export interface Actor {
  readonly arn: string;
  /** For a rule, a space and the ARN of the target that the role is for; else empty. */
  readonly target: string;
  readonly roleArn: string;
  readonly logicalId: string;
  /** The name of the role's session. */
  readonly name: string;
  /** Which service takes on the role. */
  readonly service: string;
}

/** What the resource does in a role that the template gives it. */
function actorsOf({ type, arn, logicalId, name, properties }: Resource): Actor[] {
  const actor = (service: string, roleArn: unknown, target = ''): Actor => ({
    ...{ arn, target, logicalId, name },
    roleArn: String(roleArn),
    service: `${service}.amazonaws.com`,
  });
  const member = (property: string, role: string) =>
    (properties[property] as Readonly<Record<string, unknown>> | undefined)?.[role];
  switch (type) {
    case 'AWS::Lambda::Function':
      return [actor('lambda', properties.Role)];
    case 'AWS::Scheduler::Schedule':
      return [actor('scheduler', member('Target', 'RoleArn'))];
    case 'AWS::StepFunctions::StateMachine':
      return [actor('states', properties.RoleArn)];
    case 'AWS::KinesisFirehose::DeliveryStream':
      return [actor('firehose', member('ExtendedS3DestinationConfiguration', 'RoleARN'))];
    case 'AWS::IAM::Role':
      // Which role Personalize acts in is said by each call: the role itself stands for what it does.
      return JSON.stringify(properties.AssumeRolePolicyDocument ?? '').includes('personalize.amazonaws.com')
        ? [actor('personalize', arn)]
        : [];
    case 'AWS::Events::Rule':
      return ((properties.Targets ?? []) as { Arn: string; RoleArn?: string }[])
        .filter(({ Arn }) => !ownPolicyDecides(Arn))
        .map(({ Arn, RoleArn }) => actor('events', RoleArn, ` ${Arn}`));
    default:
      return [];
  }
}

/** Rules send to these by the policy of the target, not by a role. */
function ownPolicyDecides(targetArn: string): boolean {
  return /^arn:aws:(lambda|sqs|sns):/.test(targetArn);
}

/** Whether a bucket's policy opens it to nobody without a key: what buckets do unless told otherwise. */
function isPrivate({ type, properties }: Resource): boolean {
  if (type !== 'AWS::S3::Bucket') return false;
  const block = properties.PublicAccessBlockConfiguration as Readonly<Record<string, unknown>> | undefined;
  if (!block) return true;
  return [block.BlockPublicPolicy, block.RestrictPublicBuckets].some((value) => String(value) === 'true');
}
