import type { Context } from '../contract.ts';
import type { Blobs } from './blobs.ts';
import type { Bucket } from './bucket.ts';
import type { Entry } from './entries.ts';
import { noSuchBucket } from './errors.ts';
import type { Blob, Version } from './model.ts';
import { orderOf, type Store } from './store.ts';

/** What every operation of S3 works on. */
export class Service {
  readonly context: Context;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly buckets: ReadonlyMap<string, Bucket>;
  readonly #notify: () => void;

  /** `notify` is called after each change that owes notifications. */
  constructor(
    context: Context,
    store: Store,
    blobs: Blobs,
    buckets: ReadonlyMap<string, Bucket>,
    notify: () => void,
  ) {
    this.context = context;
    this.store = store;
    this.blobs = blobs;
    this.buckets = buckets;
    this.#notify = notify;
  }

  /** Throws ServiceError NoSuchBucket for a bucket that the stack doesn't declare. */
  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (!bucket) throw noSuchBucket(name);
    return bucket;
  }

  /** Makes the change durable and visible, forgets the bytes that it frees, and lets queues know. */
  change(entry: Entry): void {
    this.blobs.remove(this.store.commit(entry));
    if ('owed' in entry && entry.owed?.length) this.#notify();
  }

  /** Runs `commit`, in which a write is judged and made; if it is refused, its bytes are forgotten. */
  keeping<Result>(blobs: readonly Blob[], commit: () => Result): Result {
    try {
      return commit();
    } catch (error) {
      this.blobs.remove(blobs);
      throw error;
    }
  }

  /** Every version of the key, newest first. */
  versions(bucket: Bucket, key: string): readonly Version[] {
    return bucket.state.keys.get(orderOf(key)) ?? [];
  }

  /** What identifies the next version that the bucket takes. */
  nextVersion(bucket: Bucket, key: string): Pick<Version, 'key' | 'versionId' | 'sequence' | 'lastModified'> {
    const sequence = this.store.nextSequence();
    const versionId = bucket.state.versioning === 'Enabled' ? this.uniqueId(sequence, 16) : 'null';
    return { key, versionId, sequence, lastModified: this.context.clock.now() };
  }

  /** An id that no earlier run gave away: the seeded digits repeat after a restart, the sequence doesn't. */
  uniqueId(sequence: number, digits: number): string {
    return sequence.toString(16).padStart(16, '0') + this.context.random.hex(digits);
  }
}
