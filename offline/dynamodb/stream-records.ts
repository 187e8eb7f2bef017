import { createHash } from 'node:crypto';
import type { StreamLog, StreamRecord } from './stream-log.ts';
import { type Item, itemSize } from './values.ts';

/** A sequence number as AWS writes it: 21 digits, so that it also sorts as a string. */
export function sequenceNumber(sequence: number): string {
  return `1${String(sequence).padStart(20, '0')}`;
}

/** The reverse of `sequenceNumber`; undefined for what it never wrote. */
export function sequenceFrom(text: string): number | undefined {
  return /^1\d{20}$/.test(text) ? Number(text.slice(1)) : undefined;
}

/** A stream record in the form of the API and of Lambda's events. */
export function apiRecord(record: StreamRecord, stream: StreamLog): Record<string, unknown> {
  const number = sequenceNumber(record.sequence);
  return {
    eventID: createHash('md5').update(`${stream.arn}/${number}`).digest('hex'),
    eventName: eventName(record),
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: stream.arn.split(':')[3],
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(record.at / 1000),
      ...images(record, stream),
      SequenceNumber: number,
      SizeBytes: recordSize(record, stream),
      StreamViewType: stream.viewType,
    },
    ...(record.byTtl && { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }),
  };
}

/** The bytes of a record's key and images. */
export function recordSize(record: StreamRecord, stream: StreamLog): number {
  return Object.values(images(record, stream)).reduce((sum, image) => sum + itemSize(image), 0);
}

function eventName({ before, after }: StreamRecord): 'INSERT' | 'MODIFY' | 'REMOVE' {
  if (!before) return 'INSERT';
  return after ? 'MODIFY' : 'REMOVE';
}

function images({ key, before, after }: StreamRecord, { viewType }: StreamLog): Record<string, Item> {
  const wantsNew = viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES';
  const wantsOld = viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES';
  return {
    Keys: key,
    ...(wantsNew && after && { NewImage: after }),
    ...(wantsOld && before && { OldImage: before }),
  };
}
