import { join } from 'node:path';
import { Journal } from '../journal.ts';
import { OrderedMap } from '../ordered-map.ts';
import type { Entry } from './entries.ts';
import type { Blob, Owed, Part, StoredObject, Upload, Version, Versioning } from './model.ts';

/** The versions of every key of one bucket, and its multipart uploads. */
export interface BucketState {
  readonly created: number;
  versioning: Versioning;
  /** Newest version first; under the key's order name. */
  readonly keys: OrderedMap<Version[]>;
  /** By upload id, in the order in which they were begun. */
  readonly uploads: Map<string, { readonly upload: Upload; readonly parts: Map<number, Part> }>;
}

// Below this many lines a rewrite isn't worth its time.
const compactionFloor = 1_000;

/**
 * The index of all buckets, in memory and in a journal. `commit` is the only way to change it: the line is
 * with the operating system before the change can be seen, and both happen in one turn of the event loop.
 */
export class Store {
  readonly #buckets = new Map<string, BucketState>();
  readonly #owed = new Map<number, Owed>();
  readonly #journal: Journal<Entry>;
  #sequence = 0;

  /** Brings back what the journal in `folder` holds, and rewrites a journal that is mostly history. */
  constructor(folder: string) {
    let lines = 0;
    this.#journal = Journal.open<Entry>(join(folder, 'journal.jsonl'), (entry) => {
      lines++;
      this.#apply(entry);
    });
    if (lines < compactionFloor) return;
    const live = [...this.#snapshot()];
    if (lines > 2 * live.length) this.#journal.rewrite(live);
  }

  bucket(name: string): BucketState | undefined {
    return this.#buckets.get(name);
  }

  /** Notifications that no queue has taken yet, oldest first. */
  get owed(): ReadonlyMap<number, Owed> {
    return this.#owed;
  }

  /** A number greater than every earlier one, also after a restart once an entry carries it. */
  nextSequence(): number {
    return ++this.#sequence;
  }

  /** The name of the next blob: a sequence number, so that none is ever given twice. */
  nextBlobName(): Blob['name'] {
    return this.nextSequence().toString(16).padStart(12, '0');
  }

  /** Makes the change durable, then visible; answers the blobs that nothing refers to any more. */
  commit(entry: Entry): Blob[] {
    this.#journal.append(entry);
    return this.#apply(entry);
  }

  /** The names of all blobs that a version or a part refers to. */
  blobNames(): Set<string> {
    const names = new Set<string>();
    for (const { keys, uploads } of this.#buckets.values()) {
      for (const [, versions] of keys.entries()) {
        for (const blob of versions.flatMap(blobsOf)) names.add(blob.name);
      }
      for (const { parts } of uploads.values()) for (const { blob } of parts.values()) names.add(blob.name);
    }
    return names;
  }

  close(): void {
    this.#journal.close();
  }

  #apply(entry: Entry): Blob[] {
    if ('owed' in entry) for (const owed of entry.owed ?? []) this.#owe(owed);
    switch (entry.op) {
      case 'bucket':
        this.#buckets.set(entry.bucket, newBucket(entry.created));
        return [];
      case 'versioning':
        this.#known(entry.bucket).versioning = entry.versioning;
        return [];
      case 'put':
        return this.#put(entry.bucket, entry.version);
      case 'complete':
        return this.#complete(entry.bucket, entry.version);
      case 'remove':
        return this.#remove(entry.bucket, entry.key, entry.versionId);
      case 'tag':
        return this.#tag(entry.bucket, entry.key, entry.versionId, entry.tags);
      case 'upload':
        this.#saw(entry.upload.sequence);
        this.#known(entry.bucket).uploads.set(entry.upload.uploadId, {
          upload: entry.upload,
          parts: new Map(),
        });
        return [];
      case 'part':
        return this.#part(entry.bucket, entry.uploadId, entry.part);
      case 'abort':
        return this.#endUpload(entry.bucket, entry.uploadId);
      case 'owe':
        return [];
      case 'delivered':
        this.#owed.delete(entry.id);
        return [];
      case 'sequence':
        this.#saw(entry.sequence);
        return [];
      default:
        throw new Error(
          `The journal of S3 holds an unknown entry, ${JSON.stringify(entry)}: another version of this ` +
            'program wrote it. "npm run reset" forgets all local state.',
        );
    }
  }

  #put(bucket: string, version: Version): Blob[] {
    this.#saw(version.sequence);
    for (const blob of blobsOf(version)) this.#sawBlob(blob);
    const { keys } = this.#known(bucket);
    const earlier = keys.get(orderOf(version.key)) ?? [];
    // There is at most one version that is called null; a new one takes its place.
    const replaced = version.versionId === 'null' ? earlier.filter(isNullVersion) : [];
    keys.set(orderOf(version.key), [version, ...earlier.filter((other) => !replaced.includes(other))]);
    return replaced.flatMap(blobsOf);
  }

  #complete(bucket: string, version: StoredObject): Blob[] {
    const replaced = this.#put(bucket, version);
    const used = new Set(version.blobs.map(({ name }) => name));
    const parts = this.#endUpload(bucket, version.uploadId ?? '');
    return [...replaced, ...parts.filter(({ name }) => !used.has(name))];
  }

  #remove(bucket: string, key: string, versionId: string): Blob[] {
    const { keys } = this.#known(bucket);
    const versions = keys.get(orderOf(key)) ?? [];
    const left = versions.filter((version) => version.versionId !== versionId);
    if (left.length > 0) keys.set(orderOf(key), left);
    else keys.delete(orderOf(key));
    return versions.filter((version) => version.versionId === versionId).flatMap(blobsOf);
  }

  #tag(bucket: string, key: string, versionId: string, tags: Readonly<Record<string, string>>): Blob[] {
    const { keys } = this.#known(bucket);
    const versions = keys.get(orderOf(key)) ?? [];
    keys.set(
      orderOf(key),
      versions.map((version) =>
        version.versionId === versionId && version.kind === 'object' ? { ...version, tags } : version,
      ),
    );
    return [];
  }

  #part(bucket: string, uploadId: string, part: Part): Blob[] {
    this.#sawBlob(part.blob);
    const parts = this.#known(bucket).uploads.get(uploadId)?.parts;
    // A part may still come in while its upload is being aborted.
    if (!parts) return [part.blob];
    const replaced = parts.get(part.number);
    parts.set(part.number, part);
    return replaced ? [replaced.blob] : [];
  }

  #endUpload(bucket: string, uploadId: string): Blob[] {
    const { uploads } = this.#known(bucket);
    const parts = [...(uploads.get(uploadId)?.parts.values() ?? [])];
    uploads.delete(uploadId);
    return parts.map(({ blob }) => blob);
  }

  #owe(owed: Owed): void {
    this.#saw(owed.id);
    this.#owed.set(owed.id, owed);
  }

  #saw(sequence: number): void {
    this.#sequence = Math.max(this.#sequence, sequence);
  }

  #sawBlob({ name }: Blob): void {
    this.#saw(Number.parseInt(name, 16));
  }

  #known(name: string): BucketState {
    const bucket = this.#buckets.get(name);
    if (!bucket) throw new Error(`The store of S3 knows no bucket ${name}.`);
    return bucket;
  }

  /** The shortest journal that gives this state. */
  *#snapshot(): Generator<Entry> {
    yield { op: 'sequence', sequence: this.#sequence };
    for (const [bucket, { created, versioning, keys, uploads }] of this.#buckets) {
      yield { op: 'bucket', bucket, created };
      yield { op: 'versioning', bucket, versioning };
      for (const [, versions] of keys.entries()) {
        for (const version of versions.toReversed()) yield { op: 'put', bucket, version };
      }
      for (const { upload, parts } of uploads.values()) {
        yield { op: 'upload', bucket, upload };
        for (const part of parts.values()) yield { op: 'part', bucket, uploadId: upload.uploadId, part };
      }
    }
    yield { op: 'owe', owed: [...this.#owed.values()] };
  }
}

/** A name whose order by code unit is the order of the key's UTF-8 bytes, in which S3 lists. */
export function orderOf(key: string): string {
  return Buffer.from(key).toString('latin1');
}

/** The key that `orderOf` gave this name. */
export function keyOf(order: string): string {
  return Buffer.from(order, 'latin1').toString();
}

function newBucket(created: number): BucketState {
  return { created, versioning: 'Unversioned', keys: new OrderedMap(), uploads: new Map() };
}

function isNullVersion(version: Version): boolean {
  return version.versionId === 'null';
}

function blobsOf(version: Version): readonly Blob[] {
  return version.kind === 'object' ? version.blobs : [];
}
