import { correlated } from '../../lib/correlation.ts';
import { queueHandler } from '../../lib/events/queue.ts';
import { findPhoto } from '../../lib/photos/photo.ts';
import { fail } from '../../lib/photos/progress.ts';
import { isFileOf, uploadMessage } from '../../lib/photos/uploaded.ts';

/** UploadsDeadLetterQueue: every try has failed, so the photo says so and waits for a redrive. */
export const handler = queueHandler('fail-photos', uploadMessage, async (arrivals, _record, line) => {
  for (const arrival of arrivals) {
    const photo = await findPhoto(arrival.photoId);
    Object.assign(line, { photoId: arrival.photoId, correlationId: photo?.correlationId });
    if (!photo || !isFileOf(photo, arrival)) continue;
    await correlated({ correlationId: photo.correlationId, actorId: 'system' }, () => fail(photo));
  }
});
