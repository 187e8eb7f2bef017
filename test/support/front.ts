import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Clock } from '../../offline/clock.ts';
import { httpApiOf } from '../../offline/http/api.ts';
import { HttpFront } from '../../offline/http/front.ts';
import { JwtVerifier } from '../../offline/http/jwt.ts';
import { functionsOf } from '../../offline/lambda/function.ts';
import { Random } from '../../offline/random.ts';
import { resolveStack } from '../../offline/template/resolve.ts';
import { fixtureTemplate } from './fixture-service/template.ts';
import { resign } from './forge.ts';
import { fixturePool } from './pool.ts';

/** The fixture service behind its HTTP API, with an issuer that signs what it is asked to. */
export async function startFixtureFront() {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = 'fixture';
  const keySet = { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] };
  const issuer = createServer((_request, response) => response.end(JSON.stringify(keySet)));
  const endpoint = await listen(issuer);

  const place = { stackName: 'fixture-local', region: 'eu-west-1', account: '000000000000', endpoint };
  const stack = resolveStack(fixtureTemplate, place);
  const { pool, clock } = fixturePool(functionsOf(stack), { clock: new Clock() });
  const api = httpApiOf(stack, place.region, place.account);
  if (!api) throw new Error('The fixture has no HTTP API.');
  const verifier = new JwtVerifier(endpoint, () => clock.now());
  const front = new HttpFront({ api, pool, clock, random: new Random(1), verifier });
  const server = createServer((request, response) => void front.handle(request, response));
  const baseUrl = await listen(server);

  const now = Math.floor(Date.now() / 1000);
  const client = stack.resources.find(({ logicalId }) => logicalId === 'UserPoolClient');
  const issuerUrl = api.routes.find(({ authorizer }) => authorizer)?.authorizer?.issuer ?? '';
  const claims = {
    iss: issuerUrl,
    sub: '5f0c1a2e-0000-4000-8000-000000000001',
    token_use: 'access',
    iat: now,
    exp: now + 3600,
    scope: 'aws.cognito.signin.user.admin photos/read',
  };
  const clientId = client?.physicalId as string;
  const key = { kid, ...pair };
  return {
    baseUrl,
    clock,
    key,
    clientId,
    /** A token as Cognito makes it, with these claims besides. */
    accessToken: (changes: object = {}) => resign({ ...claims, client_id: clientId, ...changes }, key),
    idToken: () => resign({ ...claims, token_use: 'id', aud: clientId, 'cognito:groups': ['a', 'b'] }, key),
    async stop() {
      server.closeAllConnections();
      issuer.closeAllConnections();
      server.close();
      issuer.close();
      await pool.close();
    },
  };
}

function listen(server: ReturnType<typeof createServer>): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}
