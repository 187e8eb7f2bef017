import { describe, expect, test } from 'vitest';
import { Clock } from '../../../offline/clock.ts';
import type { Context } from '../../../offline/contract.ts';
import { readPools } from '../../../offline/issuer/pools.ts';
import { Random } from '../../../offline/random.ts';
import { clientId, issuerStack, poolId } from '../../support/issuer.ts';

const context: Context = {
  clock: new Clock(),
  random: new Random(1),
  region: 'eu-west-1',
  account: '000000000000',
  endpoint: 'http://127.0.0.1:1',
  stateDir: '/nowhere',
  hindsightMs: 0,
  call: () => Promise.reject(new Error('unused')),
  log: () => {},
};

describe('pools of the template', () => {
  test('what a client does not say is as in Cognito', () => {
    const { clients } = readPools(context, issuerStack({}, { ExplicitAuthFlows: undefined }));
    expect(clients).toMatchObject([
      { id: clientId, accessSeconds: 3600, idSeconds: 3600, refreshSeconds: 2_592_000, revocable: true },
    ]);
    expect([...(clients[0]?.flows ?? [])]).toEqual([
      'ALLOW_USER_SRP_AUTH',
      'ALLOW_REFRESH_TOKEN_AUTH',
      'ALLOW_CUSTOM_AUTH',
    ]);
  });

  test('validity is counted in the units of the client, and numbers may come as text', () => {
    const { clients } = readPools(
      context,
      issuerStack(
        {},
        {
          AccessTokenValidity: '15',
          IdTokenValidity: 2,
          RefreshTokenValidity: 10,
          TokenValidityUnits: { AccessToken: 'minutes', RefreshToken: 'hours' },
        },
      ),
    );
    expect(clients).toMatchObject([{ accessSeconds: 900, idSeconds: 7200, refreshSeconds: 36_000 }]);
  });

  test('a group belongs to its pool', () => {
    const { pools } = readPools(context, issuerStack());
    expect(pools).toMatchObject([{ id: poolId, name: 'Ab1Cd2Ef3', groups: ['moderators'] }]);
  });

  test.each([
    ['a trigger', { LambdaConfig: { PreSignUp: 'arn' } }, {}, /UserPool.*LambdaConfig is not supported/s],
    ['a second factor', { MfaConfiguration: 'ON' }, {}, /UserPool.*MfaConfiguration ON is not supported/s],
    ['rotating refresh tokens', {}, { RefreshTokenRotation: { Feature: 'ENABLED' } }, /RefreshTokenRotation/],
    [
      'an access token of a week',
      {},
      { AccessTokenValidity: 7, TokenValidityUnits: { AccessToken: 'days' } },
      /300 to 86400 seconds as AccessTokenValidity of UserPoolClient, received 604800/,
    ],
    ['a pool of another stack', {}, { UserPoolId: 'eu-west-1_other' }, /received eu-west-1_other/],
  ])('%s is refused at the start rather than passed over', (_case, pool, client, message) => {
    expect(() => readPools(context, issuerStack(pool, client))).toThrow(message);
  });
});
