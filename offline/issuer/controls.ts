import { ServiceError } from '../contract.ts';
import type { ControlHandler } from '../gateway/control.ts';
import type { IssuerEngine } from './engine.ts';

/**
 * What the control door shows of the issuer, by path. `GET /_afterparty/issuer/code?username=` answers
 * `{purpose, code, expiresAt}` of the code that was sent last and still counts: there is no mail here to read
 * it from. `purpose` narrows it to `sign-up`, `new password`, `email` or `phone_number`.
 */
export function issuerControls({ issuer }: IssuerEngine): Readonly<Record<string, ControlHandler>> {
  return {
    '/_afterparty/issuer/code': ({ query }) => {
      const username = query.get('username') ?? '';
      const purpose = query.get('purpose');
      const now = issuer.context.clock.now();
      const latest = issuer.pools.pools
        .flatMap((pool) => issuer.users.find(pool, username) ?? [])
        .flatMap((user) => Object.entries(user.codes))
        .flatMap(([kind, sent]) => (sent ? [{ kind, ...sent }] : []))
        .filter(({ kind, expiresAt }) => expiresAt > now && (purpose === null || kind === purpose))
        .toSorted((one, other) => other.sentAt - one.sentAt)[0];
      if (!latest) {
        throw new ServiceError(
          'NotFound',
          `No code that still counts was sent to ${username || 'nobody'}.`,
          404,
        );
      }
      const { kind, code, expiresAt } = latest;
      return { purpose: kind, code, expiresAt: new Date(expiresAt).toISOString() };
    },
  };
}
