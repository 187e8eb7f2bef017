import type { Call, Context, Principal } from '../contract.ts';
import type { Bucket } from './bucket.ts';
import type { Owed, Version } from './model.ts';
import { wants } from './notification-rules.ts';
import type { Service } from './service.ts';

/** Who caused an event, in which call. */
export type Cause = Pick<Call, 'id' | 'principal'>;

/** What the store owes the queues that want to hear of this event, for example `ObjectCreated:Put`. */
export function owedFor(
  service: Service,
  bucket: Bucket,
  event: string,
  version: Version,
  cause: Cause,
): { owed?: Owed[] } {
  const rules = bucket.notifications.filter((rule) => wants(rule, event, version.key));
  if (rules.length === 0) return {};
  return {
    owed: rules.map((rule) => ({
      id: service.store.nextSequence(),
      bucketArn: bucket.arn,
      queueArn: rule.queueArn,
      body: JSON.stringify({
        Records: [eventRecord(service.context, bucket, rule.id, event, version, cause)],
      }),
    })),
  };
}

/**
 * The event as S3 tells it.
 * Source: Amazon S3 User Guide, "Event message structure", version 2.1.
 */
function eventRecord(
  context: Context,
  bucket: Bucket,
  configurationId: string,
  event: string,
  version: Version,
  { id, principal }: Cause,
): object {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: context.region,
    eventTime: new Date(context.clock.now()).toISOString(),
    eventName: event,
    userIdentity: { principalId: principalId(principal) },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': id, 'x-amz-id-2': id },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: {
        name: bucket.name,
        ownerIdentity: { principalId: context.account },
        arn: bucket.arn,
      },
      object: {
        key: eventKey(version.key),
        ...contentOf(event, version),
        ...(bucket.state.versioning !== 'Unversioned' && { versionId: version.versionId }),
        sequencer: sequencerOf(version),
      },
    },
  };
}

/** Only what was created has a size; a delete marker has the entity tag of nothing. */
function contentOf(event: string, version: Version): object {
  if (version.kind === 'delete-marker') {
    return event.endsWith('DeleteMarkerCreated') ? { eTag: 'd41d8cd98f00b204e9800998ecf8427e' } : {};
  }
  if (/^(ObjectRemoved|LifecycleExpiration)/.test(event)) return {};
  return { size: version.size, eTag: version.etag };
}

/** Rises with every write to a key; compared as text, so always 18 digits. */
function sequencerOf(version: Version): string {
  return version.sequence.toString(16).toUpperCase().padStart(18, '0');
}

/** Keys are URL-encoded as in a form: a space is a plus sign, the slash stays. */
function eventKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/')
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function principalId(principal: Principal): string {
  switch (principal.kind) {
    case 'function':
      return `AWS:AROALOCAL:${principal.name}`;
    case 'developer':
      return `AWS:${principal.arn.replace(/^.*[:/]/, '')}`;
    case 'service':
      return `AWS:${principal.name}`;
    case 'anonymous':
      return 'Anonymous';
  }
}
