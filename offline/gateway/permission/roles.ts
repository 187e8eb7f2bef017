import * as z from 'zod';
import type { Resource, Stack } from '../../contract.ts';
import { PolicyError } from './errors.ts';
import { managedPolicy } from './managed-policies.ts';
import { compilePolicy, type Statement } from './statement.ts';

/** A role of the stack. */
export interface Role {
  readonly logicalId: string;
  readonly arn: string;
  /** What it may do. */
  readonly statements: readonly Statement[];
  /** Who may take it on. */
  readonly trust: readonly Statement[];
}

const inline = z.object({ PolicyName: z.string(), PolicyDocument: z.unknown() });
const role = z.object({
  AssumeRolePolicyDocument: z.unknown(),
  Policies: z.array(inline).default([]),
  ManagedPolicyArns: z.array(z.string()).default([]),
  PermissionsBoundary: z.undefined('is not judged by the local AWS').optional(),
});
const attached = z.object({
  PolicyDocument: z.unknown(),
  Roles: z.array(z.string()).default([]),
  RoleName: z.string().optional(),
});

/** The policies that are resources of their own and name the roles they are for. */
const ATTACHED = ['AWS::IAM::Policy', 'AWS::IAM::RolePolicy', 'AWS::IAM::ManagedPolicy'];

/**
 * The roles that `users` name, by their ARN. Others are left alone: nobody calls as them.
 * @throws PolicyError naming a role that isn't in the stack, or the policy that can't be judged
 */
export function readRoles(stack: Stack, users: ReadonlyMap<string, string>): Map<string, Role> {
  const roles = new Map<string, Role>();
  for (const [roleArn, user] of users) {
    const resource = stack.resources.find(({ type, arn }) => type === 'AWS::IAM::Role' && arn === roleArn);
    if (!resource) throw new PolicyError(user, `expected a role of this stack, received "${roleArn}"`);
    roles.set(roleArn, readRole(resource, stack));
  }
  return roles;
}

function readRole(resource: Resource, stack: Stack): Role {
  const { logicalId, arn, name } = resource;
  const where = `role ${logicalId}`;
  const given = role.safeParse(resource.properties);
  if (!given.success) throw new PolicyError(where, z.prettifyError(given.error));
  const { AssumeRolePolicyDocument, Policies, ManagedPolicyArns } = given.data;
  return {
    logicalId,
    arn,
    trust: compilePolicy(AssumeRolePolicyDocument, 'trust', `${where}, trust policy`),
    statements: [
      ...Policies.flatMap(({ PolicyName, PolicyDocument }) =>
        compilePolicy(PolicyDocument, 'identity', `${where}, policy ${PolicyName}`),
      ),
      ...ManagedPolicyArns.flatMap((policyArn) => managed(policyArn, where, stack)),
      ...stack.resources.flatMap((policy) => attachedTo(name, policy)),
    ],
  };
}

function attachedTo(roleName: string, { type, logicalId, properties }: Resource): Statement[] {
  if (!ATTACHED.includes(type)) return [];
  const where = `policy ${logicalId}`;
  const given = attached.safeParse(properties);
  if (!given.success) throw new PolicyError(where, z.prettifyError(given.error));
  const { Roles, RoleName, PolicyDocument } = given.data;
  const isFor = Roles.includes(roleName) || RoleName === roleName;
  return isFor ? compilePolicy(PolicyDocument, 'identity', where) : [];
}

function managed(arn: string, where: string, { resources }: Stack): Statement[] {
  const own = resources.find(
    ({ type, physicalId }) => type === 'AWS::IAM::ManagedPolicy' && physicalId === arn,
  );
  const document = own?.properties.PolicyDocument ?? managedPolicy(arn);
  if (!document) throw new PolicyError(where, `the managed policy ${arn} is not known to the local AWS`);
  return compilePolicy(document, 'identity', own ? `policy ${own.logicalId}` : `${where}, ${arn}`);
}
