import type { Reply, S3Request } from '../request.ts';
import type { Service } from '../service.ts';
import {
  getBucketAcl,
  getBucketLocation,
  getBucketVersioning,
  getObjectAcl,
  getPublicAccessBlock,
  headBucket,
  optionsObject,
  putBucketVersioning,
} from './buckets.ts';
import { completeMultipartUpload } from './complete-multipart.ts';
import { copyObject } from './copy.ts';
import { deleteObject, deleteObjects } from './delete.ts';
import { getObject, getObjectAttributes, headObject } from './get.ts';
import { listMultipartUploads, listParts } from './list-multipart.ts';
import { listObjects, listObjectsV2 } from './list-objects.ts';
import { listObjectVersions } from './list-versions.ts';
import { abortMultipartUpload, createMultipartUpload, uploadPart, uploadPartCopy } from './multipart.ts';
import { postObject, putObject } from './put.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './tagging.ts';

type Operation = (service: Service, request: S3Request) => Promise<Reply>;

/** Everything the engine answers about a bucket, by AWS's name of the operation. */
export const operations: Readonly<Record<string, Operation | undefined>> = {
  AbortMultipartUpload: abortMultipartUpload,
  CompleteMultipartUpload: completeMultipartUpload,
  CopyObject: copyObject,
  CreateMultipartUpload: createMultipartUpload,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  DeleteObjectTagging: deleteObjectTagging,
  GetBucketAcl: getBucketAcl,
  GetBucketLocation: getBucketLocation,
  GetBucketVersioning: getBucketVersioning,
  GetObject: getObject,
  GetObjectAcl: getObjectAcl,
  GetObjectAttributes: getObjectAttributes,
  GetObjectTagging: getObjectTagging,
  GetPublicAccessBlock: getPublicAccessBlock,
  HeadBucket: headBucket,
  HeadObject: headObject,
  ListMultipartUploads: listMultipartUploads,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  ListObjectVersions: listObjectVersions,
  ListParts: listParts,
  OptionsObject: optionsObject,
  PostObject: postObject,
  PutBucketVersioning: putBucketVersioning,
  PutObject: putObject,
  PutObjectTagging: putObjectTagging,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
};
