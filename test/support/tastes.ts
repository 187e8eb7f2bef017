import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { ClickRecord, InteractionRecord, PhotoRecord } from '../../lib/clicks/click.ts';

/** A hash of 22 characters, as the clickstream knows people and events by. */
export function aHash(name: string): string {
  return Buffer.from(name.padEnd(16, '.')).toString('base64url').slice(0, 22);
}

let serial = 0;

/** Something that somebody did, each call something new. */
export function anInteraction(changes: Partial<InteractionRecord> = {}): InteractionRecord {
  serial += 1;
  return {
    kind: 'interaction',
    id: aHash(`event ${serial}`),
    person: aHash('ana'),
    session: aHash('session'),
    type: 'view',
    photoId: '01J9ZK3T5R8Q2W4X6Y7A9BCDEF',
    at: Date.now(),
    receivedAt: Date.now(),
    ...changes,
  };
}

/** What there is to recommend. */
export function aPhotoRecord(photoId: string, changes: Partial<PhotoRecord> = {}): PhotoRecord {
  const version = changes.version ?? 1;
  return {
    kind: 'photo',
    id: aHash(`${photoId.slice(-10)}/${version}`),
    photoId,
    owner: aHash('owner'),
    tags: [],
    createdAt: Date.now(),
    version,
    gone: false,
    receivedAt: Date.now(),
    ...changes,
  };
}

/** A file of the clickstream as Firehose stores it, ready to be put into the bucket. */
export function clicksFile(bucket: string, key: string, records: readonly ClickRecord[]): PutObjectCommand {
  const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  return new PutObjectCommand({ Bucket: bucket, Key: key, Body: gzipSync(lines) });
}
