import { queueHandler } from '../../lib/events/queue.ts';
import { makeRenditions } from '../../lib/photos/make.ts';
import { uploadMessage } from '../../lib/photos/uploaded.ts';

/** UploadsQueue: an original has arrived, or a failed photo is put back to work. */
export const handler = queueHandler('make-renditions', uploadMessage, async (arrivals, _record, line) => {
  for (const arrival of arrivals) {
    Object.assign(line, { photoId: arrival.photoId }, await makeRenditions(arrival));
  }
});
