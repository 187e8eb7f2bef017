import type { Need, Principal, Stack } from '../../contract.ts';
import { splitArn } from './arn-pattern.ts';
import type { Caller } from './caller.ts';
import type { Applicable } from './evaluate.ts';
import type { Facts } from './pattern.ts';
import { standing } from './principals.ts';
import { nameOf, referenceTo } from './references.ts';
import { coversAction, coversResource, type Statement } from './statement.ts';

/** What was denied, and what there was to allow it. */
export interface Refused {
  readonly principal: Principal;
  readonly caller: Caller;
  readonly need: Need;
  readonly applicable: Applicable;
  readonly facts: Facts;
  /** The statement that denied it, if one did. */
  readonly by: Statement | undefined;
}

/** One line for the person at the terminal: who may not do what, and how the template would allow it. */
export function advise(refused: Refused, stack: Stack): string {
  const { need, by } = refused;
  const what = `${whoIs(refused, stack)} may not ${need.action} on ${need.resource}`;
  if (by) return `${what}: ${by.name}, denies it.`;
  const almost = almostAllowing(refused);
  if (almost) return `${what}: ${almost.name}, would allow it, but its condition does not hold.`;
  return `${what}. To allow it, ${remedy(refused, stack)}`;
}

function whoIs({ principal, caller }: Refused, stack: Stack): string {
  switch (principal.kind) {
    case 'function':
      return nameOf(principal.arn, stack);
    case 'service':
      return caller.kind === 'role'
        ? nameOf(principal.sourceArn, stack)
        : `${principal.name} for ${principal.sourceArn}`;
    case 'developer':
      return 'the developer';
    case 'anonymous':
      return 'who has no key';
  }
}

function remedy({ principal, caller, need }: Refused, stack: Stack): string {
  const { action, resource } = need;
  const on = referenceTo(resource, stack);
  if (principal.kind === 'function') {
    const key = nameOf(principal.arn, stack);
    return `add to the access of ${key} in serverless.yml: - { actions: [${action}], on: ${on} }`;
  }
  if (principal.kind !== 'service') return 'let a policy of the resource allow it.';
  if (caller.kind === 'role') {
    const role = nameOf(caller.arn, stack);
    return `add to the policy of ${role}: - { Effect: Allow, Action: ${action}, Resource: ${on} }`;
  }
  const source = referenceTo(principal.sourceArn, stack);
  if (action.startsWith('lambda:')) {
    const properties = `Action: ${action}, FunctionName: ${on}, Principal: ${principal.name}, SourceArn: ${source}`;
    return `add to the resources: { Type: AWS::Lambda::Permission, Properties: { ${properties} } }`;
  }
  const condition = `{ ArnEquals: { aws:SourceArn: ${source} } }`;
  const who = `{ Service: ${principal.name} }`;
  return `add to the policy of the resource: - { Effect: Allow, Principal: ${who}, Action: ${action}, Resource: ${on}, Condition: ${condition} }`;
}

function almostAllowing({ caller, need, applicable, facts }: Refused): Statement | undefined {
  const arn = splitArn(need.resource);
  return [...applicable.identity, ...applicable.resource].find(
    ({ effect, actions, resources, principals, holds }) =>
      effect === 'Allow' &&
      (!principals || standing(principals, caller)) &&
      coversAction(actions, need.action) &&
      (!resources || coversResource(resources, arn, facts)) &&
      !holds(facts),
  );
}
