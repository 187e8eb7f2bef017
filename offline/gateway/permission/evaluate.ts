import { splitArn } from './arn-pattern.ts';
import type { Caller } from './caller.ts';
import type { Facts } from './pattern.ts';
import { standing } from './principals.ts';
import { coversAction, coversResource, type Statement } from './statement.ts';

/** What somebody wants to do. */
export interface Request {
  readonly caller: Caller;
  /** For example `s3:PutObject`. */
  readonly action: string;
  /** An ARN, or `*` for actions without a resource. */
  readonly resource: string;
  readonly facts: Facts;
}

/** The statements that have a say: those of the caller's role, and those of the resource's policies. */
export interface Applicable {
  readonly identity: readonly Statement[];
  readonly resource: readonly Statement[];
}

/** `by` is the statement that decided: none where nothing allows. */
export type Decision =
  | { readonly allowed: true; readonly by: Statement }
  | { readonly allowed: false; readonly by: Statement | undefined };

/**
 * Judges a request as IAM does within one account: any statement that denies decides; otherwise one that
 * allows is enough, the caller's own or the resource's. A resource's policy that allows the whole account
 * leaves it to the policies of roles who in it may.
 * Source: IAM User Guide, "Policy evaluation logic".
 */
export function evaluate({ identity, resource }: Applicable, request: Request): Decision {
  const arn = splitArn(request.resource);
  let allowedBy: Statement | undefined;
  for (const statement of identity) {
    if (!isAbout(statement, request, arn)) continue;
    if (statement.effect === 'Deny') return { allowed: false, by: statement };
    allowedBy ??= statement;
  }
  for (const statement of resource) {
    const meant = statement.principals && standing(statement.principals, request.caller);
    if (!meant || !isAbout(statement, request, arn)) continue;
    if (statement.effect === 'Deny') return { allowed: false, by: statement };
    if (meant === 'itself') allowedBy ??= statement;
  }
  return allowedBy ? { allowed: true, by: allowedBy } : { allowed: false, by: undefined };
}

function isAbout(statement: Statement, { action, facts }: Request, arn: readonly string[]): boolean {
  return (
    coversAction(statement.actions, action) &&
    (!statement.resources || coversResource(statement.resources, arn, facts)) &&
    statement.holds(facts)
  );
}
