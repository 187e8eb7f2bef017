import { type Call, type Need, ServiceError } from '../../contract.ts';
import { type Caller, callerName } from './caller.ts';
import type { Statement } from './statement.ts';

/** What was denied to whom; `by` is the statement that denied it, if one did. */
export interface Denial {
  readonly call: Call;
  readonly need: Need;
  readonly caller: Caller;
  readonly by: Statement | undefined;
}

/** The denial as the service answers it. */
export function denied(denial: Denial): ServiceError {
  const { call, caller } = denial;
  if (call.service === 's3') {
    return new ServiceError(
      'AccessDenied',
      caller.kind === 'anonymous' ? 'Access Denied' : messageOf(denial),
      403,
    );
  }
  if (caller.kind === 'anonymous') return missingKey();
  const message = messageOf(denial);
  switch (call.service) {
    case 'sqs':
      return new ServiceError('AccessDenied', message, 403);
    case 'sns':
      return new ServiceError('AuthorizationError', message, 403);
    case 'lambda':
      return new ServiceError('AccessDeniedException', message, 403);
    default:
      return new ServiceError('AccessDeniedException', message, 400);
  }
}

/** What a call without a key is answered where the protocol asks for one. */
export function missingKey(): ServiceError {
  return new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', 400);
}

function messageOf({ call, need, caller, by }: Denial): string {
  const action = spelled(need.action);
  const resource = call.service === 's3' ? `"${need.resource}"` : need.resource;
  return `User: ${callerName(caller)} is not authorized to perform: ${action} on resource: ${resource} ${why(caller, by, action)}`;
}

/** SQS and SNS have their own ways of writing actions in messages. */
function spelled(action: string): string {
  if (action.startsWith('sqs:')) return action.toLowerCase();
  return action.replace(/^sns:/, 'SNS:');
}

function why(caller: Caller, by: Statement | undefined, action: string): string {
  if (by) return `with an explicit deny in ${by.principals ? 'a resource' : 'an identity'}-based policy`;
  const kind = caller.kind === 'service' ? 'resource' : 'identity';
  return `because no ${kind}-based policy allows the ${action} action`;
}
