import * as z from 'zod';
import { jsonBody } from '../../../lib/http/body.ts';
import { route } from '../../../lib/http/route.ts';
import { askedParts, signedPartView } from '../../../lib/photos/parts.ts';
import { ownPhoto, photoPath } from '../../../lib/photos/photo.ts';
import { signParts } from '../../../lib/photos/upload.ts';

export const signPartsRoute = route(
  {
    route: 'POST /photos/{photoId}/upload/parts',
    summary: 'URLs that parts of the file are sent to',
    admits: 'signed-in',
    path: photoPath,
    see: (caller, { photoId }) => ownPhoto(caller, photoId),
    body: jsonBody(askedParts),
    isRead: true,
    answers: { 200: z.object({ items: z.array(signedPartView) }) },
  },
  async ({ seen, body }) => ({ items: await signParts(seen, body.parts) }),
);
