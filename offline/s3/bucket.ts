import type { Context, Resource } from '../contract.ts';
import { type CorsRule, corsRulesOf } from './cors.ts';
import { type LifecycleRule, lifecycleRulesOf } from './lifecycle-rules.ts';
import type { Versioning } from './model.ts';
import { type NotificationRule, notificationRulesOf } from './notification-rules.ts';
import type { BucketState } from './store.ts';
import { listOf, recordOf } from './template.ts';

/** A bucket of the stack. */
export interface Bucket {
  readonly name: string;
  readonly arn: string;
  readonly cors: readonly CorsRule[];
  readonly notifications: readonly NotificationRule[];
  readonly lifecycle: readonly LifecycleRule[];
  /** The encryption headers of what is stored without a wish of its own. */
  readonly encryption: Readonly<Record<string, string>>;
  readonly publicAccessBlock: Readonly<Record<string, string>>;
  readonly state: BucketState;
}

/** What an `AWS::S3::Bucket` resource declares; `state` is what the store holds of it. */
export function bucketOf(resource: Resource, state: BucketState, context: Context): Bucket {
  const { name, arn, properties } = resource;
  return {
    name,
    arn,
    cors: corsRulesOf(properties.CorsConfiguration),
    notifications: notificationRulesOf(name, properties.NotificationConfiguration, context.log),
    lifecycle: lifecycleRulesOf(name, properties.LifecycleConfiguration, context.log),
    encryption: encryptionOf(properties.BucketEncryption),
    publicAccessBlock: publicAccessBlockOf(properties.PublicAccessBlockConfiguration),
    state,
  };
}

/** The versioning that the template asks for; undefined where it leaves it open. */
export function versioningOf(resource: Resource): Versioning | undefined {
  const status = recordOf(resource.properties.VersioningConfiguration).Status;
  return status === 'Enabled' || status === 'Suspended' ? status : undefined;
}

function encryptionOf(configuration: unknown): Record<string, string> {
  const [rule] = listOf(recordOf(configuration).ServerSideEncryptionConfiguration);
  const chosen = recordOf(recordOf(rule).ServerSideEncryptionByDefault);
  // S3 has encrypted everything with keys of its own since January 2023.
  const headers = { 'x-amz-server-side-encryption': String(chosen.SSEAlgorithm ?? 'AES256') };
  if (chosen.KMSMasterKeyID === undefined) return headers;
  return { ...headers, 'x-amz-server-side-encryption-aws-kms-key-id': String(chosen.KMSMasterKeyID) };
}

function publicAccessBlockOf(configuration: unknown): Record<string, string> {
  const chosen = recordOf(configuration);
  const switches = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'];
  // A bucket that declares nothing has had all four on since April 2023.
  const byDefault = configuration === undefined ? 'true' : 'false';
  return Object.fromEntries(switches.map((name) => [name, String(chosen[name] ?? byDefault)]));
}
