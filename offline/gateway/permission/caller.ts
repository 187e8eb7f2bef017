import type { Principal } from '../../contract.ts';

/** Who a call is judged as. */
export type Caller =
  /** A session of a role; `arn` is the role's, `session` the one that messages and policies may also name. */
  | { readonly kind: 'role'; readonly arn: string; readonly session: string }
  | { readonly kind: 'user'; readonly arn: string }
  | { readonly kind: 'service'; readonly name: string; readonly sourceArn: string }
  | { readonly kind: 'anonymous' };

/** The caller as AWS's messages name it. */
export function callerName(caller: Caller): string {
  switch (caller.kind) {
    case 'role':
      return caller.session;
    case 'user':
      return caller.arn;
    case 'service':
      return caller.name;
    case 'anonymous':
      return 'anonymous';
  }
}

/** A session of `roleArn`, which on AWS is named after who assumed the role. */
export function roleSession(roleArn: string, name: string): Caller {
  const [, , , , account] = roleArn.split(':');
  const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  return { kind: 'role', arn: roleArn, session: `arn:aws:sts::${account}:assumed-role/${roleName}/${name}` };
}

/** The caller that a principal without a role is. */
export function plainCaller(principal: Exclude<Principal, { kind: 'function' }>): Caller {
  switch (principal.kind) {
    case 'service':
      return { kind: 'service', name: principal.name, sourceArn: principal.sourceArn };
    case 'developer':
      return { kind: 'user', arn: principal.arn };
    case 'anonymous':
      return principal;
  }
}
