import * as z from 'zod';
import { activityEvent } from '../activity/event.ts';
import type { Photo } from './photo.ts';

/** An S3 event record of an object that was created, as far as it is needed here. */
const s3Record = z.object({
  eventName: z.string().startsWith('ObjectCreated:'),
  s3: z.object({ object: z.object({ key: z.string(), versionId: z.string().optional() }) }),
});

const s3Event = z.object({ Records: z.array(s3Record) });
/** S3 sends this once when a notification is configured. */
const s3Test = z.object({ Event: z.literal('s3:TestEvent') });

/** One original to make renditions of; `versionId` is missing where the newest will do. */
export interface Arrival {
  readonly photoId: string;
  readonly key: string | undefined;
  readonly versionId: string | undefined;
}

/** Whether it is the photo's own file that arrived: an object of another name below its id is nobody's. */
export function isFileOf({ originalKey }: Pick<Photo, 'originalKey'>, { key }: Arrival): boolean {
  return key === undefined || key === originalKey;
}

/**
 * What a message of the uploads queue asks for: S3's event of new originals, or a failed photo that is put
 * back to work. Anything else does not parse, and ends in the dead-letter queue.
 */
export const uploadMessage = z.union([
  s3Event.transform(({ Records }) => Records.map(toArrival)),
  s3Test.transform((): Arrival[] => []),
  activityEvent.transform(({ subject }): Arrival[] => [
    { photoId: subject.id, key: undefined, versionId: undefined },
  ]),
]);

/** Event keys are form-encoded: a space came as a plus. */
function toArrival({ s3: { object } }: z.infer<typeof s3Record>): Arrival {
  const key = decodeURIComponent(object.key.replaceAll('+', ' '));
  return { photoId: key.split('/')[1] ?? '', key, versionId: object.versionId };
}
