import {
  GetObjectCommand,
  type GetObjectCommandInput,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';

/** The entity tag of "photo". */
export const etagOfPhoto = '"5ae0c1c8a5260bc7b6648f6fbd115c35"';

/** The verbs of most tests, on the bucket that isn't versioned. `s3` is asked for at each call. */
export function plainBucket(s3: () => S3Client) {
  const get = (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
    s3().send(new GetObjectCommand({ Bucket: 'plain', Key, ...more }));
  return {
    get,
    put: (Key: string, Body = 'photo', more: Partial<PutObjectCommandInput> = {}) =>
      s3().send(new PutObjectCommand({ Bucket: 'plain', Key, Body, ...more })),
    read: async (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
      (await get(Key, more)).Body?.transformToString(),
  };
}
