import { type SignedIn, type SignInPlace, signIn as signInByName } from '../../offline/issuer/people.ts';

export type Person = Pick<SignedIn, 'userId' | 'accessToken' | 'idToken'>;

/** Someone of that name with fresh tokens, through the real Cognito client; the first time signs them up. */
export async function signIn(stack: SignInPlace, name: string): Promise<Person> {
  const { userId, accessToken, idToken } = await signInByName(stack, name);
  return { userId, accessToken, idToken };
}
