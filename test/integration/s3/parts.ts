import { createHash, randomBytes } from 'node:crypto';
import {
  type ChecksumType,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { startChecksum } from '../../../offline/s3/checksums.ts';
import type { ChecksumAlgorithm as Algorithm } from '../../../offline/s3/model.ts';

// The smallest that S3 takes where another part follows.
export const partSize = 5 * 1024 ** 2;
export const first = randomBytes(partSize);
export const second = randomBytes(1000);
export const whole = Buffer.concat([first, second]);

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest();
/** The entity tag of an object made of `first` and `second`. */
export const etagOfParts = `"${createHash('md5').update(md5(first)).update(md5(second)).digest('hex')}-2"`;

export const at = (Key: string) => ({ Bucket: 'plain', Key });

/** The verbs of uploads in parts to the bucket that isn't versioned. `s3` is asked for at each call. */
export function uploadsTo(s3: () => S3Client) {
  return {
    async begin(Key: string, ChecksumAlgorithm: Algorithm = 'CRC32', ChecksumType?: ChecksumType) {
      const command = new CreateMultipartUploadCommand({ ...at(Key), ChecksumAlgorithm, ChecksumType });
      return (await s3().send(command)).UploadId as string;
    },
    async send(
      Key: string,
      UploadId: string,
      PartNumber: number,
      Body: Buffer,
      ChecksumAlgorithm?: Algorithm,
    ): Promise<CompletedPart> {
      const command = new UploadPartCommand({ ...at(Key), UploadId, PartNumber, Body, ChecksumAlgorithm });
      const { $metadata, ...part } = await s3().send(command);
      return { ...part, PartNumber };
    },
    complete: (Key: string, UploadId: string, Parts: CompletedPart[], more = {}) =>
      s3().send(
        new CompleteMultipartUploadCommand({ ...at(Key), UploadId, MultipartUpload: { Parts }, ...more }),
      ),
  };
}

export function checksumOf(algorithm: Algorithm, ...pieces: Uint8Array[]): string {
  const checksum = startChecksum(algorithm);
  for (const piece of pieces) checksum.update(piece);
  return checksum.digest();
}

/** The composite checksum of an object made of `first` and `second`. */
export function compositeOf(algorithm: Algorithm): string {
  const values = [first, second].map((part) => Buffer.from(checksumOf(algorithm, part), 'base64'));
  return `${checksumOf(algorithm, ...values)}-2`;
}
