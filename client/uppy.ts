import { type Api, call } from './api.ts';
import { type Described, declarationOf } from './declaration.ts';
import { takeBack } from './discard.ts';
import { base64, hashOf } from './hash.ts';

interface UppyApi extends Api {
  /** What is said about each photo. */
  readonly described?: Described | undefined;
}

/** What is known here of a file of Uppy's. */
interface UppyFile {
  readonly id: string;
  readonly data?: Blob | { readonly size: number | null } | null | undefined;
  /** An upload that Uppy remembers from before the page was loaded. */
  readonly s3Multipart?: { readonly key: string } | undefined;
}

/** A request to S3 that Uppy wants signed: which one it is shows in what it names. */
interface UppyRequest {
  readonly method: string;
  readonly key: string;
  readonly uploadId?: string;
  readonly partNumber?: number;
}

interface Signed {
  readonly url: string;
  readonly key?: string;
  readonly headers?: Record<string, string>;
}

/** The API cuts files into parts of this length; Uppy cuts before it asks. */
const PART_BYTES = 8 * 1024 * 1024;

/**
 * Options of `@uppy/aws-s3` 6 that send photos through this API: `uppy.use(AwsS3, uppyOptions({ api, token }))`.
 *
 * Parts go to S3 by signed URLs. All other requests that Uppy would send to S3 have been made to the API by the
 * time that it sends them, to a `data:` URL that holds the answer in S3's words; its key and upload id are the
 * photo's id.
 */
export function uppyOptions(options: UppyApi) {
  const files = new Map<string, Blob>();
  return {
    shouldUseMultipart: true,
    getChunkSize: () => PART_BYTES,
    /** Called before each upload, and the only call that has the file. */
    generateObjectKey({ id, data, s3Multipart }: UppyFile): string {
      if (data instanceof Blob) for (const key of [id, s3Multipart?.key ?? id]) files.set(key, data);
      return id;
    },
    signRequest(request: UppyRequest): Promise<Signed> {
      const file = files.get(request.key);
      if (!file) throw new Error(`Expected a file that Uppy has told of, received the key ${request.key}`);
      if (request.partNumber !== undefined) return signed(options, request.key, request.partNumber, file);
      if (request.method === 'GET') return listed(options, request.key);
      if (request.method === 'DELETE') return discarded(options, request.key);
      if (request.uploadId !== undefined) return completed(options, request.key);
      return begun(options, file, (photoId) => files.set(photoId, file));
    },
  };
}

async function begun(options: UppyApi, file: Blob, onPhoto: (photoId: string) => void): Promise<Signed> {
  const declaration = declarationOf(file, await hashOf(file), options.described, true);
  const { photo, upload } = await call<{ photo: { id: string }; upload?: { partBytes: number } }>(
    options,
    'POST',
    '/photos',
    declaration,
  );
  if (!upload) throw new Error(`This file was handed in before, as photo ${photo.id}.`);
  if (upload.partBytes !== PART_BYTES) {
    throw new Error(`Expected parts of ${PART_BYTES} bytes, the API wants ${upload.partBytes}.`);
  }
  onPhoto(photo.id);
  const xml = `<InitiateMultipartUploadResult><UploadId>${photo.id}</UploadId></InitiateMultipartUploadResult>`;
  return { ...answering(xml), key: photo.id };
}

async function signed(api: Api, photoId: string, partNumber: number, file: Blob): Promise<Signed> {
  const part = file.slice((partNumber - 1) * PART_BYTES, partNumber * PART_BYTES);
  const hash = await crypto.subtle.digest('SHA-256', await part.arrayBuffer());
  const asked = { parts: [{ partNumber, sha256: base64(new Uint8Array(hash)) }] };
  const { items } = await call<{ items: [Signed] }>(api, 'POST', `/photos/${photoId}/upload/parts`, asked);
  return items[0];
}

/** Uppy only hands the tags on to `complete`, which does without them: a part's hash will do. */
async function listed(api: Api, photoId: string): Promise<Signed> {
  const { items } = await call<{ items: { partNumber: number; sha256: string }[] }>(
    api,
    'GET',
    `/photos/${photoId}/upload/parts`,
  );
  const parts = items.map(
    ({ partNumber, sha256 }) => `<Part><PartNumber>${partNumber}</PartNumber><ETag>${sha256}</ETag></Part>`,
  );
  return answering(`<ListPartsResult>${parts.join('')}</ListPartsResult>`);
}

async function completed(api: Api, photoId: string): Promise<Signed> {
  await call(api, 'POST', `/photos/${photoId}/upload/complete`);
  const members = `<Location>${api.api}/photos/${photoId}</Location><Key>${photoId}</Key>`;
  return answering(`<CompleteMultipartUploadResult>${members}</CompleteMultipartUploadResult>`);
}

async function discarded(api: Api, photoId: string): Promise<Signed> {
  // Uppy does not tell whether it began the upload or found it under way.
  await takeBack(photoId, false, api);
  return answering('');
}

function answering(xml: string): Signed {
  return { url: `data:application/xml,${encodeURIComponent(xml)}` };
}
