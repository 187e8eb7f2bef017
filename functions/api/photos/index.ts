import { area } from '../../../lib/http/area.ts';
import { abortUploadRoute } from './abort-upload.ts';
import { completeUploadRoute } from './complete-upload.ts';
import { createPhotoRoute } from './create-photo.ts';
import { deletePhotoRoute } from './delete-photo.ts';
import { getOriginalRoute } from './get-original.ts';
import { getPhotoRoute } from './get-photo.ts';
import { getRenditionRoute } from './get-rendition.ts';
import { likePhotoRoute } from './like-photo.ts';
import { listOwnPhotosRoute } from './list-own-photos.ts';
import { listPartsRoute } from './list-parts.ts';
import { listPhotosOfRoute } from './list-photos-of.ts';
import { listTrashRoute } from './list-trash.ts';
import { patchPhotoRoute } from './patch-photo.ts';
import { purgePhotoRoute } from './purge-photo.ts';
import { restorePhotoRoute } from './restore-photo.ts';
import { signPartsRoute } from './sign-parts.ts';
import { unlikePhotoRoute } from './unlike-photo.ts';

export const routes = [
  createPhotoRoute,
  signPartsRoute,
  listPartsRoute,
  completeUploadRoute,
  abortUploadRoute,
  getPhotoRoute,
  patchPhotoRoute,
  deletePhotoRoute,
  restorePhotoRoute,
  getOriginalRoute,
  getRenditionRoute,
  likePhotoRoute,
  unlikePhotoRoute,
  listOwnPhotosRoute,
  listTrashRoute,
  purgePhotoRoute,
  listPhotosOfRoute,
];

export const handler = area(routes);
