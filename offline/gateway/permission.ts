import { type Call, type Need, ServiceError } from '../contract.ts';

/** The second stage: may this principal do what the call needs? */
export interface Permission {
  /** @throws ServiceError AccessDenied, and the call goes no further */
  check(call: Call, needs: readonly Need[]): void;
}

/**
 * Lets everybody with a key do everything. Who has none may do what needs no right on AWS: ask a bucket for
 * its CORS rules, and sign up and in.
 */
export const anyKeyMay: Permission = {
  check(call, needs) {
    if (call.principal.kind !== 'anonymous') return;
    if (call.service === 's3') {
      if (call.operation === 'OptionsObject') return;
      throw new ServiceError('AccessDenied', 'Access Denied', 403);
    }
    if (needs.length > 0) {
      throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', 400);
    }
  },
};
