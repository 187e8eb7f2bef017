import { checksumMember } from '../checksums.ts';
import { invalidArgument } from '../errors.ts';
import { commonPrefixes, keyWriter, limitOf, takePage, type Walk, wishOf } from '../listing.ts';
import type { Upload } from '../model.ts';
import type { Reply, S3Request } from '../request.ts';
import type { Service } from '../service.ts';
import { keyOf, orderOf } from '../store.ts';
import type { XmlMembers } from '../xml.ts';
import { ownerOf } from './list-objects.ts';
import { findUpload } from './multipart.ts';

/** The parts that an upload has so far, page by page. Throws ServiceError NoSuchUpload. */
export async function listParts(service: Service, request: S3Request): Promise<Reply> {
  const { bucket, key, input } = request;
  const upload = findUpload(request);
  const limit = limitOf(input.MaxParts, 'max-parts');
  const marker = limitless(input.PartNumberMarker, 'part-number-marker');
  const later = [...(bucket.state.uploads.get(upload.uploadId)?.parts.values() ?? [])]
    .filter(({ number }) => number > marker)
    .sort((a, b) => a.number - b.number);
  const parts = later.slice(0, limit);
  const owner = ownerOf(service);
  const { algorithm } = upload;
  return {
    status: 200,
    headers: {},
    xml: {
      root: 'ListPartsResult',
      members: {
        Bucket: bucket.name,
        Key: key,
        UploadId: upload.uploadId,
        Initiator: owner,
        Owner: owner,
        StorageClass: upload.headers['x-amz-storage-class'] ?? 'STANDARD',
        PartNumberMarker: marker,
        NextPartNumberMarker: parts.at(-1)?.number,
        MaxParts: limit,
        IsTruncated: later.length > parts.length,
        ...checksumChoice(upload),
        Part: parts.map((part) => ({
          PartNumber: part.number,
          LastModified: new Date(part.lastModified).toISOString(),
          ETag: `"${part.etag}"`,
          Size: part.blob.size,
          ...(algorithm && { [checksumMember(algorithm)]: part.checksum }),
        })),
      },
    },
  };
}

/** The uploads under way, by key, then oldest first, page by page. */
export async function listMultipartUploads(service: Service, request: S3Request): Promise<Reply> {
  const { bucket, input } = request;
  const limit = limitOf(input.MaxUploads, 'max-uploads');
  const write = keyWriter(input.EncodingType);
  const { KeyMarker, UploadIdMarker } = input;
  const walk = uploadsAfter(
    [...bucket.state.uploads.values()].map(({ upload }) => upload),
    UploadIdMarker,
  );
  const after = UploadIdMarker && KeyMarker ? undefined : KeyMarker;
  const page = takePage(walk, wishOf(input, after, limit));
  const last = page.entries.at(-1);
  const owner = ownerOf(service);
  return {
    status: 200,
    headers: {},
    xml: {
      root: 'ListMultipartUploadsResult',
      members: {
        Bucket: bucket.name,
        KeyMarker: write(KeyMarker ?? ''),
        UploadIdMarker: UploadIdMarker ?? '',
        NextKeyMarker: last && write(keyOf(last.order)),
        NextUploadIdMarker: last?.kind === 'item' ? last.item.uploadId : undefined,
        Prefix: write(input.Prefix ?? ''),
        Delimiter: input.Delimiter && write(input.Delimiter),
        EncodingType: input.EncodingType,
        MaxUploads: limit,
        IsTruncated: page.truncated,
        Upload: page.entries.flatMap((entry): XmlMembers[] => {
          if (entry.kind === 'prefix') return [];
          const upload = entry.item;
          return [
            {
              Key: write(upload.key),
              UploadId: upload.uploadId,
              Initiator: owner,
              Owner: owner,
              StorageClass: upload.headers['x-amz-storage-class'] ?? 'STANDARD',
              Initiated: new Date(upload.initiated).toISOString(),
              ...checksumChoice(upload),
            },
          ];
        }),
        CommonPrefixes: commonPrefixes(page, write),
      },
    },
  };
}

/** Uploads by key, then oldest first; those up to the marked one are left out. */
function uploadsAfter(uploads: readonly Upload[], marked: string | undefined): Walk<Upload> {
  const ordered = uploads
    .map((upload) => [orderOf(upload.key), upload] as const)
    .sort(([a, first], [b, second]) => (a < b ? -1 : a > b ? 1 : first.sequence - second.sequence));
  const at = marked ? ordered.findIndex(([, { uploadId }]) => uploadId === marked) + 1 : 0;
  return ({ from, after, before }) =>
    ordered
      .slice(at)
      .filter(([order]) => order < before && order >= (from ?? '') && (after === undefined || order > after));
}

function checksumChoice({ algorithm, checksumType }: Upload): XmlMembers {
  return algorithm ? { ChecksumAlgorithm: algorithm, ChecksumType: checksumType } : {};
}

function limitless(text: string | undefined, name: string): number {
  const number = Number(text ?? 0);
  if (Number.isInteger(number) && number >= 0) return number;
  throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, text ?? '');
}
