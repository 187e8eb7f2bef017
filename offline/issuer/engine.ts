import {
  type Answer,
  type Call,
  type Context,
  type Engine,
  type Need,
  ServiceError,
  type Stack,
} from '../contract.ts';
import * as account from './account.ts';
import * as admin from './admin.ts';
import * as answers from './challenge-response.ts';
import { Challenges } from './challenges.ts';
import { type Input, optionalText } from './input.ts';
import type { Issuer, Operation } from './issuer.ts';
import { openSigningKey } from './keys.ts';
import { readPools } from './pools.ts';
import * as recovery from './recovery.ts';
import * as signIn from './sign-in.ts';
import * as signUp from './sign-up.ts';
import { UserStore } from './users.ts';
import { jsonWebKeySet, openIdConfiguration } from './well-known.ts';

/** The calls a frontend makes: unsigned, proved by a password, a code or a token. */
const PUBLIC: Readonly<Record<string, Operation>> = {
  SignUp: signUp.signUp,
  ConfirmSignUp: signUp.confirmSignUp,
  ResendConfirmationCode: signUp.resendConfirmationCode,
  InitiateAuth: signIn.initiateAuth,
  RespondToAuthChallenge: answers.respondToAuthChallenge,
  ForgotPassword: recovery.forgotPassword,
  ConfirmForgotPassword: recovery.confirmForgotPassword,
  GetUser: account.getUser,
  ChangePassword: account.changePassword,
  UpdateUserAttributes: account.updateUserAttributes,
  GetUserAttributeVerificationCode: account.getUserAttributeVerificationCode,
  VerifyUserAttribute: account.verifyUserAttribute,
  RevokeToken: account.revokeToken,
  GlobalSignOut: account.globalSignOut,
  DeleteUser: account.deleteUser,
};

/** The calls of tools and functions: signed, and a right on the pool. */
const ADMINISTRATIVE: Readonly<Record<string, Operation>> = {
  AdminCreateUser: admin.adminCreateUser,
  AdminSetUserPassword: admin.adminSetUserPassword,
  AdminConfirmSignUp: admin.adminConfirmSignUp,
  AdminInitiateAuth: signIn.adminInitiateAuth,
  AdminRespondToAuthChallenge: answers.adminRespondToAuthChallenge,
  AdminGetUser: admin.adminGetUser,
  AdminUpdateUserAttributes: admin.adminUpdateUserAttributes,
  AdminDeleteUser: admin.adminDeleteUser,
  AdminAddUserToGroup: admin.adminAddUserToGroup,
  ListUsers: admin.listUsers,
  DescribeUserPoolClient: admin.describeUserPoolClient,
};

/** What anyone may read under `/<poolId>/.well-known/`, by the names the gateway gives these calls. */
const DOCUMENTS: Readonly<Record<string, (issuer: Issuer, input: Input) => Answer>> = {
  GetOpenIdConfiguration: openIdConfiguration,
  GetJsonWebKeySet: jsonWebKeySet,
};

export interface IssuerEngine extends Engine {
  /** The state behind the calls, for the control door. */
  readonly issuer: Issuer;
}

/**
 * The token issuer of the local AWS: the user pools, clients and groups of the stack, with users and sign-ins
 * kept in the state folder. Throws where the stack asks for what Cognito would do and this would not.
 */
export function createIssuerEngine(context: Context, stack: Stack): IssuerEngine {
  const issuer: Issuer = {
    context,
    pools: readPools(context, stack),
    users: new UserStore(context.stateDir, context.clock.now()),
    key: openSigningKey(context.stateDir),
    challenges: new Challenges(context.clock),
  };
  return {
    service: 'cognito-idp',
    issuer,
    needs: (call) => needsOf(issuer, call),
    handle: (call) => handle(issuer, call),
    async close() {
      issuer.users.close();
    },
  };
}

async function handle(issuer: Issuer, call: Call): Promise<Answer> {
  const document = DOCUMENTS[call.operation];
  if (document) return document(issuer, call.input);
  const operation = PUBLIC[call.operation] ?? ADMINISTRATIVE[call.operation];
  if (operation) return { output: await operation(issuer, call.input) };
  throw new ServiceError(
    'UnknownOperationException',
    `The local issuer doesn't offer ${call.operation}; it offers ${Object.keys({ ...PUBLIC, ...ADMINISTRATIVE }).join(', ')}.`,
  );
}

function needsOf({ context, pools }: Issuer, call: Call): Need[] {
  if (!ADMINISTRATIVE[call.operation]) return [];
  const poolId = optionalText(call.input, 'UserPoolId') ?? '';
  const known = pools.pools.find((pool) => pool.id === poolId)?.arn;
  const resource = known ?? `arn:aws:cognito-idp:${context.region}:${context.account}:userpool/${poolId}`;
  return [{ action: `cognito-idp:${call.operation}`, resource }];
}
