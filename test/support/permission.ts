import { type Caller, roleSession } from '../../offline/gateway/permission/caller.ts';
import { type Decision, evaluate } from '../../offline/gateway/permission/evaluate.ts';
import type { Facts } from '../../offline/gateway/permission/pattern.ts';
import { compilePolicy, type PolicyKind } from '../../offline/gateway/permission/statement.ts';

/** A statement as a policy document has it; effect, action and resource are Allow and everything unless given. */
export type GivenStatement = Readonly<Record<string, unknown>>;

export const account = '000000000000';
export const role: Caller = roleSession(`arn:aws:iam::${account}:role/writer`, 'stage-writer');
export const bucket = 'arn:aws:s3:::media';

/** A whole policy of these statements. */
export function documentOf(...statements: GivenStatement[]) {
  const complete = statements.map((given) => ({
    Effect: 'Allow',
    ...('NotAction' in given ? {} : { Action: '*' }),
    ...('NotResource' in given ? {} : { Resource: '*' }),
    ...given,
  }));
  return { Version: '2012-10-17', Statement: complete };
}

export function compiled(kind: PolicyKind, ...statements: GivenStatement[]) {
  return statements.length > 0 ? compilePolicy(documentOf(...statements), kind, 'policy') : [];
}

export interface Asked {
  readonly caller?: Caller;
  readonly action?: string;
  readonly resource?: string;
  /** Values of condition keys, in lower case. */
  readonly facts?: Readonly<Record<string, readonly string[] | string>>;
}

/** Judges a request by statements of the caller's role and of the resource's policy. */
export function decide(
  policies: { identity?: readonly GivenStatement[]; resource?: readonly GivenStatement[] },
  { caller = role, action = 's3:GetObject', resource = `${bucket}/a`, facts = {} }: Asked = {},
): Decision {
  const applicable = {
    identity: compiled('identity', ...(policies.identity ?? [])),
    resource: compiled('resource', ...(policies.resource ?? [])),
  };
  return evaluate(applicable, { caller, action, resource, facts: factsFrom(facts) });
}

export function factsFrom(values: Readonly<Record<string, readonly string[] | string>>): Facts {
  return (key) => (values[key] === undefined ? undefined : [values[key]].flat());
}
