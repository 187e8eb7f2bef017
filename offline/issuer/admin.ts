import { checkAliases, checkSchema } from './attributes.ts';
import { invalidParameter, notFound } from './errors.ts';
import { attributeList, attributes, type Input, optionalText, text } from './input.ts';
import { clientOf, clientSecret, type Operation, poolOf, update, userOf } from './issuer.ts';
import { acceptPassword, randomPassword } from './passwords.ts';
import type { Pool } from './pools.ts';
import { cannotConfirm, createUser } from './sign-up.ts';
import type { User } from './users.ts';

const MAX_PAGE = 60;

export const adminCreateUser: Operation = (issuer, input) => {
  const pool = poolOf(issuer, input);
  const password = optionalText(input, 'TemporaryPassword') ?? randomPassword();
  const passwordExpiresAt = issuer.context.clock.now() + pool.policy.temporaryMs;
  const resend = input.MessageAction === 'RESEND';
  const user = resend
    ? update(issuer, userOf(issuer, input), {
        password: acceptPassword(pool, userOf(issuer, input).username, password),
        passwordExpiresAt,
      })
    : createUser(issuer, pool, {
        username: text(input, 'Username'),
        attributes: attributes(input),
        password,
        status: 'FORCE_CHANGE_PASSWORD',
        passwordExpiresAt,
      });
  if (input.MessageAction !== 'SUPPRESS') {
    issuer.context.log(`temporary password for ${user.username}: ${password}`);
  }
  return { User: described(user, 'Attributes') };
};

export const adminSetUserPassword: Operation = (issuer, input) => {
  const pool = poolOf(issuer, input);
  const user = userOf(issuer, input);
  const password = acceptPassword(pool, user.username, text(input, 'Password'));
  const permanent = input.Permanent === true;
  update(issuer, user, {
    password,
    status: permanent ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD',
    passwordExpiresAt: permanent ? undefined : issuer.context.clock.now() + pool.policy.temporaryMs,
  });
  return {};
};

export const adminConfirmSignUp: Operation = (issuer, input) => {
  const user = userOf(issuer, input);
  if (user.status !== 'UNCONFIRMED') throw cannotConfirm(user);
  update(issuer, user, { status: 'CONFIRMED', codes: { ...user.codes, 'sign-up': undefined } });
  return {};
};

export const adminGetUser: Operation = (issuer, input) => described(userOf(issuer, input), 'UserAttributes');

export const adminUpdateUserAttributes: Operation = (issuer, input) => {
  const pool = poolOf(issuer, input);
  const user = userOf(issuer, input);
  const changes = attributes(input);
  checkSchema(pool, changes);
  const changed: User = { ...user, attributes: { ...user.attributes, ...changes } };
  checkAliases(issuer, pool, changed);
  update(issuer, changed, {});
  return {};
};

export const adminDeleteUser: Operation = (issuer, input) => {
  issuer.users.remove(userOf(issuer, input));
  return {};
};

export const adminAddUserToGroup: Operation = (issuer, input) => {
  const user = userOf(issuer, input);
  const group = text(input, 'GroupName');
  if (!poolOf(issuer, input).groups.includes(group)) throw notFound('Group not found.');
  if (!user.groups.includes(group)) update(issuer, user, { groups: [...user.groups, group] });
  return {};
};

export const listUsers: Operation = (issuer, input) => {
  const pool = poolOf(issuer, input);
  const limit = typeof input.Limit === 'number' && input.Limit > 0 ? input.Limit : MAX_PAGE;
  if (limit > MAX_PAGE) throw invalidParameter(`Expected a Limit of at most ${MAX_PAGE}, received ${limit}.`);
  const after = optionalText(input, 'PaginationToken');
  const found = issuer.users.list(pool).filter(userFilter(optionalText(input, 'Filter')));
  const start = after ? found.findIndex((user) => user.sub === after) + 1 : 0;
  const page = found.slice(start, start + limit);
  return {
    Users: page.map((user) => described(user, 'Attributes')),
    ...(start + limit < found.length && { PaginationToken: page.at(-1)?.sub }),
  };
};

export const describeUserPoolClient: Operation = (issuer, input) => {
  const pool = poolOf(issuer, input);
  const client = clientOf(issuer, input);
  return {
    UserPoolClient: describedClient(pool, client.id, client.hasSecret && clientSecret(issuer, client)),
  };
};

function describedClient(pool: Pool, ClientId: string, secret: string | false) {
  return { UserPoolId: pool.id, ClientId, ...(secret && { ClientSecret: secret }) };
}

/** `name = "value"` or `name ^= "beginning"`. Throws InvalidParameterException. */
function userFilter(filter: string | undefined): (user: User) => boolean {
  if (!filter) return () => true;
  const [, name, operator, value = ''] = /^\s*"?([\w:]+)"?\s*(\^?=)\s*"(.*)"\s*$/.exec(filter) ?? [];
  if (!name)
    throw invalidParameter(`Expected name = "value" or name ^= "value" as Filter, received ${filter}.`);
  const matches = (actual: string) => (operator === '=' ? actual === value : actual.startsWith(value));
  return (user) => matches(fieldOf(user, name) ?? '');
}

function fieldOf(user: User, name: string): string | undefined {
  if (name === 'username' || name === 'sub') return user[name];
  if (name === 'cognito:user_status') return user.status;
  return user.attributes[name];
}

function described(user: User, attributesMember: 'Attributes' | 'UserAttributes'): Input {
  return {
    Username: user.username,
    [attributesMember]: attributeList({ sub: user.sub, ...user.attributes }),
    UserCreateDate: user.createdAt / 1000,
    UserLastModifiedDate: user.updatedAt / 1000,
    Enabled: true,
    UserStatus: user.status,
  };
}
