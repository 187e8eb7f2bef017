import type { Caller } from './caller.ts';
import { PolicyError } from './errors.ts';

/** The `Principal` or `NotPrincipal` of a statement. */
export interface Principals {
  /** `*`: everyone, with a key or without, services too. */
  readonly everyone: boolean;
  /** Numbers of accounts, given as such or as `...:root`. */
  readonly accounts: ReadonlySet<string>;
  /** ARNs of roles, of their sessions, and of users. */
  readonly arns: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  readonly negated: boolean;
}

/**
 * How a statement means a caller: by itself, or only as one of its account, to which it leaves who in it may;
 * undefined where it doesn't.
 */
export type Standing = 'itself' | 'account' | undefined;

interface Given {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: PrincipalBlock | undefined;
  readonly NotPrincipal?: PrincipalBlock | undefined;
}

type PrincipalBlock = '*' | Readonly<Record<string, readonly string[]>>;

/** @throws PolicyError for principals that can't be judged, or where the kind of policy has none */
export function compilePrincipals(
  given: Given,
  kind: 'identity' | 'resource' | 'trust',
  where: string,
): Principals | undefined {
  const { Effect, Principal, NotPrincipal } = given;
  if (kind === 'identity') {
    if (Principal ?? NotPrincipal) throw new PolicyError(where, 'a policy of a role has no Principal');
    return undefined;
  }
  const block = Principal ?? NotPrincipal;
  if (!block || (Principal && NotPrincipal)) {
    throw new PolicyError(where, 'expected either Principal or NotPrincipal');
  }
  if (NotPrincipal && (Effect === 'Allow' || kind === 'trust')) {
    throw new PolicyError(where, 'NotPrincipal is for Deny in policies of resources only');
  }
  return { ...named(block, where), negated: Principal === undefined };
}

/** Whom the statement means. Without an account of its own a service or nobody is never `account`. */
export function standing(principals: Principals, caller: Caller): Standing {
  if (principals.negated) return isExempt(principals, caller) ? undefined : 'itself';
  if (principals.everyone) return 'itself';
  if (caller.kind === 'service') return principals.services.has(caller.name) ? 'itself' : undefined;
  if (caller.kind === 'anonymous') return undefined;
  if (isNamed(principals, caller)) return 'itself';
  return principals.accounts.has(accountOf(caller)) ? 'account' : undefined;
}

/** IAM asks of NotPrincipal that it names the account of whom it exempts, too. */
function isExempt(principals: Principals, caller: Caller): boolean {
  if (principals.everyone) return true;
  if (caller.kind === 'service') return principals.services.has(caller.name);
  if (caller.kind === 'anonymous') return false;
  return isNamed(principals, caller) && principals.accounts.has(accountOf(caller));
}

type Named = Extract<Caller, { kind: 'role' | 'user' }>;

function isNamed({ arns }: Principals, caller: Named): boolean {
  return arns.has(caller.arn) || (caller.kind === 'role' && arns.has(caller.session));
}

function accountOf({ arn }: Named): string {
  return arn.split(':')[4] ?? '';
}

function named(block: PrincipalBlock, where: string): Omit<Principals, 'negated'> {
  const accounts = new Set<string>();
  const arns = new Set<string>();
  const services = new Set<string>();
  let everyone = block === '*';
  for (const [type, names] of block === '*' ? [] : Object.entries(block)) {
    if (type !== 'AWS' && type !== 'Service') {
      throw new PolicyError(where, `principals of the type ${type} are not judged by the local AWS`);
    }
    for (const name of names) {
      const account = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(name)?.[1];
      if (type === 'Service' && /^[a-z0-9.-]+\.amazonaws\.com$/.test(name)) services.add(name);
      else if (type === 'AWS' && name === '*') everyone = true;
      else if (type === 'AWS' && account) accounts.add(account);
      else if (type === 'AWS' && /^arn:aws:(iam|sts)::\d{12}:[^*?]+$/.test(name)) arns.add(name);
      else throw new PolicyError(where, `expected a principal of the type ${type}, received "${name}"`);
    }
  }
  return { everyone, accounts, arns, services };
}
