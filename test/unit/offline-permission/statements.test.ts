import { describe, expect, test } from 'vitest';
import type { Caller } from '../../../offline/gateway/permission/caller.ts';
import { account, bucket, decide, type GivenStatement, role } from '../../support/permission.ts';

const deny = { Effect: 'Deny' };
const everyone = { Principal: '*' };

describe('a statement of a role', () => {
  test.each<[string, GivenStatement, string, string, boolean]>([
    ['names the action', { Action: 's3:GetObject' }, 's3:GetObject', `${bucket}/a`, true],
    ['names another action', { Action: 's3:PutObject' }, 's3:GetObject', `${bucket}/a`, false],
    [
      'names one of several',
      { Action: ['s3:PutObject', 's3:GetObject'] },
      's3:GetObject',
      `${bucket}/a`,
      true,
    ],
    ['in other letters', { Action: 'S3:getobject' }, 's3:GetObject', `${bucket}/a`, true],
    ['any of the service', { Action: 's3:*' }, 's3:GetObject', `${bucket}/a`, true],
    ['any of another service', { Action: 'sqs:*' }, 's3:GetObject', `${bucket}/a`, false],
    ['the beginning of it', { Action: 's3:Get*' }, 's3:GetObjectVersion', `${bucket}/a`, true],
    ['not a longer name', { Action: 's3:GetObject' }, 's3:GetObjectVersion', `${bucket}/a`, false],
    ['one character of it', { Action: 's3:?etObject' }, 's3:GetObject', `${bucket}/a`, true],
    ['everything', { Action: '*' }, 'dynamodb:Scan', '*', true],
    ['all but another', { NotAction: 's3:DeleteObject' }, 's3:GetObject', `${bucket}/a`, true],
    ['all but this', { NotAction: ['s3:DeleteObject', 's3:Get*'] }, 's3:GetObject', `${bucket}/a`, false],
    ['names the resource', { Resource: `${bucket}/a` }, 's3:GetObject', `${bucket}/a`, true],
    ['names another', { Resource: `${bucket}/b` }, 's3:GetObject', `${bucket}/a`, false],
    [
      'names one of several resources',
      { Resource: [`${bucket}/b`, `${bucket}/*`] },
      's3:GetObject',
      `${bucket}/a`,
      true,
    ],
    ['the bucket, not its objects', { Resource: bucket }, 's3:GetObject', `${bucket}/a`, false],
    ['the objects, not the bucket', { Resource: `${bucket}/*` }, 's3:ListBucket', bucket, false],
    ['a folder', { Resource: `${bucket}/originals/*` }, 's3:GetObject', `${bucket}/originals/x/y`, true],
    [
      'another folder',
      { Resource: `${bucket}/originals/*` },
      's3:GetObject',
      `${bucket}/renditions/x`,
      false,
    ],
    ['a longer bucket name', { Resource: `${bucket}*/*` }, 's3:GetObject', `${bucket}-2/x`, true],
    ['all but another resource', { NotResource: `${bucket}/b` }, 's3:GetObject', `${bucket}/a`, true],
    ['all but this resource', { NotResource: `${bucket}/*` }, 's3:GetObject', `${bucket}/a`, false],
    ['a resource where the action has none', { Resource: `${bucket}` }, 's3:ListAllMyBuckets', '*', false],
    ['everything where the action has none', { Resource: '*' }, 's3:ListAllMyBuckets', '*', true],
    [
      'a table, not its index',
      { Resource: 'arn:aws:dynamodb:eu-west-1:000000000000:table/t' },
      'dynamodb:Query',
      'arn:aws:dynamodb:eu-west-1:000000000000:table/t/index/gsi1',
      false,
    ],
    [
      'every index of a table',
      { Resource: 'arn:aws:dynamodb:*:000000000000:table/t/index/*' },
      'dynamodb:Query',
      'arn:aws:dynamodb:eu-west-1:000000000000:table/t/index/gsi1',
      true,
    ],
  ])('%s', (_title, statement, action, resource, allowed) => {
    expect(decide({ identity: [statement] }, { action, resource }).allowed).toBe(allowed);
  });
});

describe('within one account', () => {
  test.each<[string, GivenStatement[], GivenStatement[], boolean]>([
    ['nothing allows nothing', [], [], false],
    ['a role is enough', [{}], [], true],
    ['a resource is enough', [], [everyone], true],
    ['deny beats allow', [{}, deny], [], false],
    ['in any order', [deny, {}], [], false],
    ['a denying resource beats a role', [{}], [{ ...deny, ...everyone }], false],
    ['a denying role beats a resource', [deny], [everyone], false],
    ['another action’s deny is nothing', [{}, { ...deny, Action: 's3:DeleteObject' }], [], true],
    ['another resource’s deny is nothing', [{}, { ...deny, Resource: `${bucket}/b` }], [], true],
    ['deny all but one action', [{}, { ...deny, NotAction: 's3:GetObject' }], [], true],
    ['deny all but other actions', [{}, { ...deny, NotAction: 's3:PutObject' }], [], false],
    ['deny outside a folder', [{}, { ...deny, NotResource: `${bucket}/originals/*` }], [], false],
  ])('%s', (_title, identity, resource, allowed) => {
    expect(decide({ identity, resource }).allowed).toBe(allowed);
  });

  test('the statement that decided is named', () => {
    const identity = [{ Sid: 'Reading' }, { ...deny, Sid: 'Never' }];
    expect(decide({ identity }).by?.name).toBe('policy, statement Never');
    expect(decide({ identity: [{ Action: 'sqs:*' }, {}] }).by?.name).toBe('policy, statement 2');
    expect(decide({}).by).toBeUndefined();
  });
});

const user: Caller = { kind: 'user', arn: `arn:aws:iam::${account}:user/ana` };
const s3: Caller = { kind: 'service', name: 's3.amazonaws.com', sourceArn: bucket };
const nobody: Caller = { kind: 'anonymous' };
const roleArn = `arn:aws:iam::${account}:role/writer`;
const session = `arn:aws:sts::${account}:assumed-role/writer/stage-writer`;
const root = `arn:aws:iam::${account}:root`;

describe('a statement of a resource is about', () => {
  test.each<[string, GivenStatement, Caller, boolean]>([
    ['everyone', { Principal: '*' }, role, true],
    ['everyone, the longer way', { Principal: { AWS: '*' } }, user, true],
    ['everyone, services too', { Principal: '*' }, s3, true],
    ['everyone, without a key too', { Principal: '*' }, nobody, true],
    ['a role', { Principal: { AWS: roleArn } }, role, true],
    ['a session of a role', { Principal: { AWS: session } }, role, true],
    ['another role', { Principal: { AWS: `${roleArn}2` } }, role, false],
    ['one of several', { Principal: { AWS: [`${roleArn}2`, roleArn] } }, role, true],
    ['a user', { Principal: { AWS: user.arn as string } }, user, true],
    ['a user, not a role', { Principal: { AWS: user.arn as string } }, role, false],
    ['the account leaves it to the role', { Principal: { AWS: root } }, role, false],
    ['the account by its number', { Principal: { AWS: account } }, role, false],
    ['a service', { Principal: { Service: 's3.amazonaws.com' } }, s3, true],
    ['another service', { Principal: { Service: 'sns.amazonaws.com' } }, s3, false],
    [
      'one of several services',
      { Principal: { Service: ['sns.amazonaws.com', 's3.amazonaws.com'] } },
      s3,
      true,
    ],
    ['a service, not a role', { Principal: { Service: 's3.amazonaws.com' } }, role, false],
    ['a role or a service', { Principal: { AWS: roleArn, Service: 's3.amazonaws.com' } }, s3, true],
    ['a role, not who has no key', { Principal: { AWS: roleArn } }, nobody, false],
    ['the account, not a service', { Principal: { AWS: root } }, s3, false],
  ])('%s', (_title, statement, caller, allowed) => {
    expect(decide({ resource: [statement] }, { caller }).allowed).toBe(allowed);
  });

  test.each<[string, GivenStatement, Caller, boolean]>([
    ['denies the account', { Principal: { AWS: root } }, role, false],
    ['denies another account', { Principal: { AWS: '111111111111' } }, role, true],
    ['exempts a role with its account', { NotPrincipal: { AWS: [roleArn, root] } }, role, true],
    ['exempts a session with its account', { NotPrincipal: { AWS: [session, account] } }, role, true],
    [
      'exempts a role without its account, which is not enough',
      { NotPrincipal: { AWS: roleArn } },
      role,
      false,
    ],
    ['exempts the account, which is not enough', { NotPrincipal: { AWS: root } }, role, false],
    ['exempts others', { NotPrincipal: { AWS: [user.arn as string, root] } }, role, false],
    ['exempts a service', { NotPrincipal: { Service: 's3.amazonaws.com' } }, s3, true],
    ['exempts another service', { NotPrincipal: { Service: 'sns.amazonaws.com' } }, s3, false],
    ['exempts a role, not who has no key', { NotPrincipal: { AWS: [roleArn, root] } }, nobody, false],
    ['exempts everyone', { NotPrincipal: '*' }, nobody, true],
  ])('and %s', (_title, statement, caller, allowed) => {
    expect(decide({ resource: [everyone, { ...deny, ...statement }] }, { caller }).allowed).toBe(allowed);
  });
});
