import { createHmac } from 'node:crypto';
import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  NotAuthorizedException,
  UserNotConfirmedException,
  UserNotFoundException,
  UsernameExistsException,
} from '@aws-sdk/client-cognito-identity-provider';
import { decodeJwt } from 'jose';
import type { StackEndpoint } from '../endpoint-file.ts';

/** Where to sign in: a running stack's gateway, pool and client, and the developer's key. */
export type SignInPlace = Pick<StackEndpoint, 'gateway' | 'poolId' | 'clientId' | 'developer'>;

export interface SignedIn {
  /** The `sub` of both tokens. */
  readonly userId: string;
  readonly accessToken: string;
  readonly idToken: string;
  /** Whether the user had another password before, which no longer counts. */
  readonly passwordReplaced: boolean;
}

/**
 * Signs in as a user of that name, for tools and tests; there is one afterwards if there was none. The
 * password follows from the developer's key and the name, so that nobody has to keep it.
 */
export async function signIn(place: SignInPlace, name: string): Promise<SignedIn> {
  const cognito = new CognitoIdentityProviderClient({
    region: place.poolId.split('_')[0] ?? '',
    endpoint: place.gateway,
    credentials: place.developer,
  });
  try {
    const password = passwordOf(place, name);
    const first = await tokensFor(cognito, place, name, password).catch(undefinedIfUnknown);
    if (first) return { ...first, passwordReplaced: false };
    const isNew = await createPerson(cognito, place, name, password);
    return { ...(await tokensFor(cognito, place, name, password)), passwordReplaced: !isNew };
  } finally {
    cognito.destroy();
  }
}

async function tokensFor(
  cognito: CognitoIdentityProviderClient,
  { clientId }: SignInPlace,
  USERNAME: string,
  PASSWORD: string,
) {
  const { AuthenticationResult } = await cognito.send(
    new InitiateAuthCommand({
      ClientId: clientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD },
    }),
  );
  const { AccessToken: accessToken = '', IdToken: idToken = '' } = AuthenticationResult ?? {};
  return { userId: decodeJwt(accessToken).sub ?? '', accessToken, idToken };
}

/** Confirmed and with a verified address, as after a sign-up. Returns whether the user is new. */
async function createPerson(
  cognito: CognitoIdentityProviderClient,
  { poolId }: SignInPlace,
  name: string,
  password: string,
): Promise<boolean> {
  const user = { UserPoolId: poolId, Username: name };
  const isNew = await cognito
    .send(
      new AdminCreateUserCommand({
        ...user,
        MessageAction: 'SUPPRESS',
        UserAttributes: [
          { Name: 'email', Value: name.includes('@') ? name : `${name}@example.com` },
          { Name: 'email_verified', Value: 'true' },
        ],
      }),
    )
    .then(() => true)
    .catch((error: unknown) => {
      if (error instanceof UsernameExistsException) return false;
      throw error;
    });
  await cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: password, Permanent: true }));
  return isNew;
}

/** Of all four kinds of characters, for any policy. */
function passwordOf({ poolId, developer }: SignInPlace, name: string): string {
  const drawn = createHmac('sha512', developer.secretAccessKey).update(`password ${poolId} ${name}`);
  return `Aa1-${drawn.digest('base64url')}`;
}

function undefinedIfUnknown(error: unknown): undefined {
  const unknown = [NotAuthorizedException, UserNotFoundException, UserNotConfirmedException];
  if (!unknown.some((kind) => error instanceof kind)) throw error;
}
