import { type ConditionKey, type ConditionKeys, one, type Subject } from './condition-key.ts';
import { dynamodbKeys } from './dynamodb-keys.ts';
import type { Facts } from './pattern.ts';
import { s3Keys } from './s3-keys.ts';

const TYPES = { role: 'AssumedRole', user: 'User', anonymous: 'Anonymous' } as const;

/** Source: IAM User Guide, "AWS global condition context keys". */
const globalKeys: ConditionKeys = {
  'aws:currenttime': one(({ now }) => new Date(now).toISOString()),
  'aws:epochtime': one(({ now }) => Math.floor(now / 1000)),
  'aws:principalaccount': one(({ caller, account }) =>
    caller.kind === 'role' || caller.kind === 'user' ? account : undefined,
  ),
  'aws:principalarn': one(({ caller }) => ('arn' in caller ? caller.arn : undefined)),
  'aws:principalisawsservice': one(({ caller }) => caller.kind === 'service'),
  'aws:principalservicename': one(({ caller }) => (caller.kind === 'service' ? caller.name : undefined)),
  'aws:principaltype': one(({ caller }) => (caller.kind === 'service' ? undefined : TYPES[caller.kind])),
  'aws:requestedregion': one(({ region }) => region),
  'aws:resourceaccount': one(({ account }) => account),
  'aws:securetransport': one(() => true),
  // ARNs of buckets name no account; everything here is one account's.
  'aws:sourceaccount': one(({ caller, account }) => (caller.kind === 'service' ? account : undefined)),
  'aws:sourcearn': one(({ caller }) => (caller.kind === 'service' ? caller.sourceArn : undefined)),
  // Whoever calls from outside calls from this machine.
  'aws:sourceip': one(({ caller }) => (caller.kind === 'service' ? undefined : '127.0.0.1')),
  'aws:username': one(({ caller }) =>
    caller.kind === 'user' ? caller.arn.slice(caller.arn.lastIndexOf('/') + 1) : undefined,
  ),
  'aws:viaawsservice': one(() => false),
};

const member = (name: string) => one(({ call }) => call.input[name]);

const keys: ConditionKeys = {
  ...globalKeys,
  ...s3Keys,
  ...dynamodbKeys,
  'cloudwatch:namespace': member('Namespace'),
  // Personalize is the only service here that is handed roles by a call.
  'iam:passedtoservice': one(({ need }) =>
    need.action === 'iam:PassRole' ? 'personalize.amazonaws.com' : undefined,
  ),
  'secretsmanager:secretid': one(({ need }) => need.resource),
  'secretsmanager:versionid': member('VersionId'),
  'secretsmanager:versionstage': member('VersionStage'),
  'sns:endpoint': member('Endpoint'),
  'sns:protocol': member('Protocol'),
  // Firehose Developer Guide, "Controlling access": it takes on roles with the account's number.
  'sts:externalid': one(({ caller, account }) =>
    caller.kind === 'service' && caller.name === 'firehose.amazonaws.com' ? account : undefined,
  ),
};

/** The key of this name, in lower case, if the local AWS can tell what requests say of it. */
export function conditionKey(name: string): ConditionKey | undefined {
  return Object.hasOwn(keys, name) ? keys[name] : undefined;
}

export function factsOf(subject: Subject): Facts {
  return (key) => conditionKey(key)?.read(subject);
}
