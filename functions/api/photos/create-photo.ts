import { route } from '../../../lib/http/route.ts';
import { createPhoto, receiveFile } from '../../../lib/photos/create.ts';
import { fileBody } from '../../../lib/photos/file-body.ts';
import { handedView, handedWithoutExif, presentHanded, refreshHanded } from '../../../lib/photos/handed.ts';

export const createPhotoRoute = route(
  {
    route: 'POST /photos',
    summary: 'Hand in a photo: declare it and get a place to send it to, or send the file itself',
    admits: 'signed-in',
    body: fileBody,
    answers: { 200: handedView, 201: handedView, 202: handedView },
    kept: handedWithoutExif,
    refresh: refreshHanded,
  },
  async ({ caller, body: { declared, file } }) => {
    const handed = await createPhoto(caller, declared);
    if (!file || handed.photo.status !== 'uploading') {
      return presentHanded(caller, handed, declared.multipart ? 'parts' : 'form');
    }
    return presentHanded(caller, { ...handed, photo: await receiveFile(handed.photo, file) }, 'along');
  },
);
