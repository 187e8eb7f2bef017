import type { Timer } from '../clock.ts';
import type { Bucket } from './bucket.ts';
import type { Cause } from './events.ts';
import type { LifecycleRule } from './lifecycle-rules.ts';
import type { StoredObject, Version } from './model.ts';
import { putDeleteMarker, removeVersion } from './operations/delete.ts';
import type { Service } from './service.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** Carries out the buckets' lifecycle rules at every midnight UTC, as S3 does, and once at the start. */
export class Lifecycle {
  readonly #service: Service;
  #timer: Timer | undefined;

  constructor(service: Service) {
    this.#service = service;
  }

  start(): void {
    this.#sweep();
    this.#arm();
  }

  close(): void {
    this.#timer?.cancel();
  }

  #arm(): void {
    const { clock } = this.#service.context;
    this.#timer = clock.setTimeout(
      () => {
        this.#sweep();
        this.#arm();
      },
      dayMs - (clock.now() % dayMs),
    );
  }

  #sweep(): void {
    for (const bucket of this.#service.buckets.values()) {
      for (const rule of bucket.lifecycle) sweepBucket(this.#service, bucket, rule);
    }
  }
}

function sweepBucket(service: Service, bucket: Bucket, rule: LifecycleRule): void {
  const now = service.context.clock.now();
  // A copy: what follows changes the index.
  for (const [, versions] of [...bucket.state.keys.entries()]) {
    if (!versions[0]?.key.startsWith(rule.prefix)) continue;
    expireNoncurrent(service, bucket, rule, versions, now);
    expireNewest(service, bucket, rule, versions[0].key, now);
  }
  if (rule.abortUploadsAfterDays === undefined) return;
  for (const { upload } of [...bucket.state.uploads.values()]) {
    if (!upload.key.startsWith(rule.prefix) || now < dueAt(upload.initiated, rule.abortUploadsAfterDays))
      continue;
    service.change({ op: 'abort', bucket: bucket.name, uploadId: upload.uploadId });
  }
}

/** A version's days count from when its successor took its place. */
function expireNoncurrent(
  service: Service,
  bucket: Bucket,
  rule: LifecycleRule,
  versions: readonly Version[],
  now: number,
): void {
  if (rule.noncurrentDays === undefined) return;
  for (const [index, version] of versions.entries()) {
    const successor = versions[index - 1];
    if (!successor || index <= rule.noncurrentKept || !covers(rule, version)) continue;
    if (now < dueAt(successor.lastModified, rule.noncurrentDays)) continue;
    expire(service, bucket, version);
  }
}

function expireNewest(service: Service, bucket: Bucket, rule: LifecycleRule, key: string, now: number): void {
  const versions = service.versions(bucket, key);
  const [newest] = versions;
  if (!newest) return;
  const due =
    rule.expirationDays !== undefined
      ? dueAt(newest.lastModified, rule.expirationDays)
      : (rule.expirationDate ?? Number.POSITIVE_INFINITY);
  if (newest.kind === 'delete-marker') {
    // A marker with nothing left to hide.
    const alone = versions.length === 1;
    if (alone && (rule.expiredDeleteMarkers || now >= due)) expire(service, bucket, newest);
    return;
  }
  if (now < due || !covers(rule, newest)) return;
  if (bucket.state.versioning === 'Unversioned') expire(service, bucket, newest);
  else
    putDeleteMarker(
      service,
      bucket,
      key,
      'LifecycleExpiration:DeleteMarkerCreated',
      causeOf(service, bucket),
    );
}

function expire(service: Service, bucket: Bucket, { key, versionId }: Version): void {
  const event = 'LifecycleExpiration:Delete';
  removeVersion(service, bucket, key, versionId, event, causeOf(service, bucket));
}

function causeOf(service: Service, bucket: Bucket): Cause {
  return {
    id: service.context.random.uuid(),
    principal: { kind: 'service', name: 's3.amazonaws.com', sourceArn: bucket.arn },
  };
}

/** Filters by tag and size never cover a delete marker. */
function covers(rule: LifecycleRule, version: Version): boolean {
  const filters = rule.tags.length > 0 || rule.largerThan >= 0 || rule.smallerThan < Number.POSITIVE_INFINITY;
  return version.kind === 'object' ? fits(rule, version) : !filters;
}

function fits({ tags, largerThan, smallerThan }: LifecycleRule, object: StoredObject): boolean {
  const tagged = tags.every(({ key, value }) => object.tags[key] === value);
  return tagged && object.size > largerThan && object.size < smallerThan;
}

/** S3 rounds up to the next midnight UTC. */
function dueAt(since: number, days: number): number {
  return Math.ceil((since + days * dayMs) / dayMs) * dayMs;
}
