import type { Need, Principal, Stack } from '../../contract.ts';
import { type Arn, splitArn } from './arn-pattern.ts';
import type { Facts } from './pattern.ts';
import type { Policies } from './policies.ts';
import { standing } from './principals.ts';
import { nameOf, referenceTo } from './references.ts';
import { coversAction, coversResource, type Statement } from './statement.ts';

/** One action on one resource that a statement allows, and what needed it. */
export interface Grant {
  /** What acts in the role, or the statement where it is a resource's policy. */
  readonly holder: string;
  readonly action: string;
  /** As serverless.yml names it. */
  readonly resource: string;
  /** How many recorded calls it allows. */
  used: number;
  /** How many of them nothing else allows: they would be refused without it. */
  alone: number;
  /** What AWS itself needs it for, without a call. */
  readonly implied: Set<string>;
  readonly covers: (action: string, resource: Arn) => boolean;
}

/** Calls that nothing in the template allows. */
export interface Unallowed extends Need {
  readonly principal: string;
  count: number;
}

/** A right that was needed, by a recorded call or, with a reason, by AWS itself. */
export interface Needed {
  readonly principal: Principal;
  readonly need: Need;
  readonly why?: string;
}

/**
 * Which of the stack's permissions were needed for what, each action and resource of a statement by itself.
 * Conditions are taken to hold: a record doesn't tell what they ask for.
 */
export function usageOf(
  needed: Iterable<Needed>,
  policies: Policies,
  stack: Stack,
): { grants: Grant[]; unallowed: Unallowed[] } {
  const listed = listedGrants(policies, stack);
  const unallowed = new Map<string, Unallowed>();
  for (const { principal, need, why } of needed) {
    if (principal.kind === 'developer' || principal.kind === 'anonymous') continue;
    const arn = splitArn(need.resource);
    const allowing = allowingStatements(principal, need, policies)
      .flatMap((statement) => listed.get(statement) ?? grantsOf(statement, '', stack))
      .filter((grant) => grant.covers(need.action, arn));
    if (allowing.length === 0) note(unallowed, principal, need, stack);
    for (const grant of allowing) {
      if (why !== undefined) grant.implied.add(why);
      else {
        grant.used++;
        if (allowing.length === 1) grant.alone++;
      }
    }
  }
  return { grants: [...listed.values()].flat(), unallowed: [...unallowed.values()] };
}

/** Everything that the template's roles and resource policies allow, by statement. */
function listedGrants({ actors, roles, ofResources }: Policies, stack: Stack): Map<Statement, Grant[]> {
  const grants = new Map<Statement, Grant[]>();
  const list = (statements: readonly Statement[], holder?: string) => {
    for (const statement of statements) {
      if (statement.effect !== 'Allow') continue;
      grants.set(statement, grantsOf(statement, holder ?? statement.name, stack));
    }
  };
  for (const { arn, roleArn } of actors) list(roles.get(roleArn)?.statements ?? [], nameOf(arn, stack));
  for (const statements of ofResources.values()) list(statements);
  return grants;
}

function grantsOf({ actions, resources }: Statement, holder: string, stack: Stack): Grant[] {
  const actionCells = actions.negated ? [actions] : actions.patterns.map((each) => only(each));
  const resourceCells = resources?.negated
    ? [resources]
    : (resources?.patterns ?? []).map((each) => only(each));
  return actionCells.flatMap((action) =>
    resourceCells.map((resource) => ({
      holder,
      action: told(
        action.patterns.map(({ text }) => text),
        action.negated,
      ),
      resource: told(
        resource.patterns.map(({ text }) => referenceTo(text, stack)),
        resource.negated,
      ),
      used: 0,
      alone: 0,
      implied: new Set<string>(),
      covers: (asked, arn) => coversAction(action, asked) && coversResource(resource, arn, noFacts),
    })),
  );
}

function only<Each>(pattern: Each): { patterns: Each[]; negated: boolean } {
  return { patterns: [pattern], negated: false };
}

function told(patterns: readonly string[], negated: boolean): string {
  return negated ? `all but ${patterns.join(', ')}` : patterns.join(', ');
}

function allowingStatements(principal: Principal, { resource }: Need, policies: Policies): Statement[] {
  const judged = policies.judged(principal, resource);
  const applicable = policies.applicable(judged, resource);
  const meant = applicable.resource.filter(
    ({ principals }) => principals && standing(principals, judged.caller) === 'itself',
  );
  return [...applicable.identity, ...meant].filter(({ effect }) => effect === 'Allow');
}

function note(unallowed: Map<string, Unallowed>, principal: Principal, need: Need, stack: Stack): void {
  const name = principal.kind === 'function' ? nameOf(principal.arn, stack) : describe(principal);
  const resource = referenceTo(need.resource, stack);
  const key = `${name} ${need.action} ${resource}`;
  const known = unallowed.get(key) ?? { principal: name, action: need.action, resource, count: 0 };
  known.count++;
  unallowed.set(key, known);
}

function describe(principal: Principal): string {
  return 'name' in principal ? principal.name : principal.kind;
}

/** Variables of policies stand for nothing here. */
const noFacts: Facts = () => undefined;
