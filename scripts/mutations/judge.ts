import { Clock } from '../../offline/clock.ts';
import type { Stack } from '../../offline/contract.ts';
import { Policies } from '../../offline/gateway/permission/policies.ts';
import { StackPermission } from '../../offline/gateway/permission/stack-permission.ts';
import { type Needed, usageOf } from '../../offline/gateway/permission/usage.ts';
import type { RecordedCall } from '../../offline/gateway/record.ts';
import { resolveStack } from '../../offline/template/resolve.ts';
import type { Template } from '../../offline/template/template.ts';

const PLACE = { region: 'eu-west-1', account: '000000000000' };

export function stackOf(template: Template): Stack {
  return resolveStack(template, { stackName: 'afterparty-local', ...PLACE, endpoint: 'http://127.0.0.1' });
}

/** Why a stack with these permissions would not even start; undefined if it would. */
export function refusalOf(stack: Stack): string | undefined {
  const clock = new Clock();
  try {
    new StackPermission({ ...PLACE, clock, log: () => {} }).govern(stack);
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n').at(-1)?.trim();
  } finally {
    clock.stop();
  }
}

/** Whether some of these calls would be refused under the stack's policies. */
export function wouldRefuse(stack: Stack, calls: readonly RecordedCall[]): boolean {
  const needed: Needed[] = calls
    .filter(({ result }) => !isDenied(result))
    .flatMap(({ principal, needs }) => needs.map((need) => ({ principal, need })));
  return usageOf(needed, new Policies(stack), stack).unallowed.length > 0;
}

/** Whether one of these calls was refused for this action. */
export function refused(calls: readonly RecordedCall[], action: string): boolean {
  return calls.some(({ result, needs }) => isDenied(result) && needs.some((need) => need.action === action));
}

/** AccessDenied, as each protocol spells it. */
function isDenied(result: string): boolean {
  return /^(AccessDenied|AccessDeniedException|AuthorizationError)$/.test(result);
}
