import { ForgotPasswordCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientId, poolArn, poolId, startIssuer, type TestIssuer } from '../../support/issuer.ts';

let stack: TestIssuer;

beforeAll(async () => {
  stack = await startIssuer();
});
afterAll(() => stack.stop());

describe('rights', () => {
  test('an administrative call needs one on the pool, a call of a frontend none', async () => {
    const needed: unknown[] = [];
    const watched = await startIssuer(undefined, {
      permission: {
        check: (call, needs) => {
          needed.push([call.operation, needs]);
        },
      },
    });
    await watched.createPerson('alice');
    await watched.cognito.send(new ForgotPasswordCommand({ ClientId: clientId, Username: 'alice' }));
    expect(needed).toEqual([
      ['AdminCreateUser', [{ action: 'cognito-idp:AdminCreateUser', resource: poolArn }]],
      ['AdminSetUserPassword', [{ action: 'cognito-idp:AdminSetUserPassword', resource: poolArn }]],
      ['ForgotPassword', []],
    ]);
    await watched.stop();
  });
});

describe('a browser', () => {
  test('may call from another origin, and discovery leads to the keys', async () => {
    const origin = 'http://localhost:5173';
    const preflight = await fetch(stack.endpoint, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-amz-target,x-amz-user-agent',
      },
    });
    expect(preflight.ok).toBe(true);
    expect(preflight.headers.get('access-control-allow-origin')).toMatch(/^(\*|http:\/\/localhost:5173)$/);
    expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).toMatch(/\*|x-amz-target/);
    const refused = await fetch(stack.endpoint, {
      method: 'POST',
      headers: {
        origin,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AWSCognitoIdentityProviderService.GetUser',
      },
      body: JSON.stringify({ AccessToken: 'hello' }),
    });
    expect(refused.status).toBe(400);
    expect(refused.headers.get('access-control-allow-origin')).toMatch(/^(\*|http:\/\/localhost:5173)$/);
    const discovery = await fetch(`${stack.endpoint}/${poolId}/.well-known/openid-configuration`);
    const { issuer, jwks_uri } = (await discovery.json()) as { issuer: string; jwks_uri: string };
    expect(jwks_uri).toBe(`${issuer}/.well-known/jwks.json`);
    expect((await fetch(jwks_uri)).ok).toBe(true);
    expect((await fetch(`${stack.endpoint}/eu-west-1_other/.well-known/jwks.json`)).ok).toBe(false);
  });
});
