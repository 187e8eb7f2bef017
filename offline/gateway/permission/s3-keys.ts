import { headersOf } from '../../s3/request.ts';
import { type ConditionKeys, one, type Subject } from './condition-key.ts';

/** The headers that conditions may ask for, under `s3:` and their own name. */
const HEADERS = [
  'if-match',
  'if-none-match',
  'x-amz-acl',
  'x-amz-content-sha256',
  'x-amz-copy-source',
  'x-amz-grant-full-control',
  'x-amz-grant-read',
  'x-amz-grant-read-acp',
  'x-amz-grant-write',
  'x-amz-grant-write-acp',
  'x-amz-metadata-directive',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-storage-class',
  'x-amz-website-redirect-location',
];

/** Source: Service Authorization Reference, "Condition keys for Amazon S3". */
export const s3Keys: ConditionKeys = {
  's3:authtype': one(({ call: { http, input } }) => {
    if (!http) return undefined;
    if (input.Fields) return 'POST';
    return http.headers.authorization === undefined ? 'REST-QUERY-STRING' : 'REST-HEADER';
  }),
  's3:delimiter': one(({ call }) => call.input.Delimiter),
  's3:max-keys': one(({ call }) => call.input.MaxKeys),
  's3:prefix': one(({ call }) => call.input.Prefix),
  's3:resourceaccount': one(({ account }) => account),
  // Milliseconds since a presigned URL was signed.
  's3:signatureage': one((subject) => {
    const date = headerOf(subject, 'x-amz-date');
    const [year, month, day, hour, minute, second] = date?.match(/\d\d/g)?.slice(1) ?? [];
    const signed = Date.parse(`20${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    return Number.isNaN(signed) ? undefined : subject.now - signed;
  }),
  's3:signatureversion': one(({ call }) => (call.http ? 'AWS4-HMAC-SHA256' : undefined)),
  's3:tlsversion': one(() => '1.3'),
  's3:versionid': one(({ call }) => call.input.VersionId),
  ...Object.fromEntries(HEADERS.map((name) => [`s3:${name}`, one((subject) => headerOf(subject, name))])),
};

/** A header, or what says the same in a presigned URL or a form. */
function headerOf({ call: { http, input } }: Subject, name: string): string | undefined {
  const fields = input.Fields as Readonly<Record<string, string>> | undefined;
  if (fields) return fields[name === 'x-amz-acl' ? 'acl' : name];
  return http && headersOf(http)[name];
}
