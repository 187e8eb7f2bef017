import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Resource, Stack } from '../../offline/contract.ts';
import type { GatewayOptions } from '../../offline/gateway/gateway.ts';
import { issuerControls } from '../../offline/issuer/controls.ts';
import { createIssuerEngine, type IssuerEngine } from '../../offline/issuer/engine.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';

export const poolId = 'eu-west-1_Ab1Cd2Ef3';
export const clientId = 'client1of1the1pool';
export const poolArn = `arn:aws:cognito-idp:eu-west-1:000000000000:userpool/${poolId}`;

type Properties = Readonly<Record<string, unknown>>;

/** A stack of one pool, one client and one group, configured like the deployed ones but for what is given. */
export function issuerStack(pool: Properties = {}, client: Properties = {}): Stack {
  return {
    name: 'afterparty-test',
    resources: [
      resource('AWS::Cognito::UserPool', 'UserPool', poolId, poolArn, {
        UsernameConfiguration: { CaseSensitive: false },
        AutoVerifiedAttributes: ['email'],
        Schema: [{ Name: 'email', AttributeDataType: 'String', Required: true }],
        Policies: { PasswordPolicy: { MinimumLength: 12 } },
        ...pool,
      }),
      resource('AWS::Cognito::UserPoolClient', 'UserPoolClient', clientId, '', {
        UserPoolId: poolId,
        ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
        PreventUserExistenceErrors: 'ENABLED',
        ...client,
      }),
      resource('AWS::Cognito::UserPoolGroup', 'Moderators', 'moderators', '', { UserPoolId: poolId }),
    ],
  };
}

export interface TestIssuer extends TestGateway {
  /** The real client, signed as the developer where a call is signed at all. */
  readonly cognito: CognitoIdentityProviderClient;
  /** The code that was sent last, as a developer reads it from the control door. */
  code(username: string): Promise<string>;
  /** A confirmed user with a verified email, `<username>@example.com`, and `testPassword`. */
  createPerson(username: string): Promise<void>;
}

export const testPassword = 'correct horse battery';

export async function startIssuer(
  stack = issuerStack(),
  options: Partial<GatewayOptions> = {},
): Promise<TestIssuer> {
  const engines: IssuerEngine[] = [];
  const gateway = await startTestGateway(
    (context) => {
      engines.push(createIssuerEngine(context, stack));
      return engines;
    },
    { log: () => {}, ...options },
  );
  for (const [path, handler] of engines.flatMap((engine) => Object.entries(issuerControls(engine)))) {
    gateway.gateway.control(path, handler);
  }
  const cognito = new CognitoIdentityProviderClient(gateway.clientConfig);
  return {
    ...gateway,
    cognito,
    async code(username) {
      const address = `${gateway.endpoint}/_afterparty/issuer/code?username=${encodeURIComponent(username)}`;
      const response = await fetch(address, { headers: { 'x-afterparty-control': '1' } });
      const { code } = (await response.json()) as { code: string };
      return code;
    },
    async createPerson(Username) {
      const UserAttributes = [
        { Name: 'email', Value: `${Username}@example.com` },
        { Name: 'email_verified', Value: 'true' },
      ];
      const asked = { UserPoolId: poolId, Username, UserAttributes, MessageAction: 'SUPPRESS' } as const;
      await cognito.send(new AdminCreateUserCommand(asked));
      const chosen = { UserPoolId: poolId, Username, Password: testPassword, Permanent: true };
      await cognito.send(new AdminSetUserPasswordCommand(chosen));
    },
    async stop() {
      cognito.destroy();
      await gateway.stop();
    },
  };
}

function resource(
  type: string,
  logicalId: string,
  physicalId: string,
  arn: string,
  properties: Properties,
): Resource {
  return { type, logicalId, physicalId, arn, name: physicalId, properties };
}
