import { ServiceError } from '../contract.ts';

/** What an S3 request's address says: AWS's name of the operation and the members that the address names. */
export interface S3Address {
  readonly operation: string;
  readonly input: Readonly<Record<string, string>>;
}

/** Sub-resources by the word that selects them, then the method: AWS's operation names. */
const bucketOperations: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  delete: { POST: 'DeleteObjects' },
  uploads: { GET: 'ListMultipartUploads' },
  versions: { GET: 'ListObjectVersions' },
  location: { GET: 'GetBucketLocation' },
  ...settings('versioning', 'BucketVersioning', 'GET', 'PUT'),
  ...settings('acl', 'BucketAcl', 'GET', 'PUT'),
  ...settings('cors', 'BucketCors', 'GET', 'PUT', 'DELETE'),
  ...settings('encryption', 'BucketEncryption', 'GET', 'PUT', 'DELETE'),
  lifecycle: {
    GET: 'GetBucketLifecycleConfiguration',
    PUT: 'PutBucketLifecycleConfiguration',
    DELETE: 'DeleteBucketLifecycle',
  },
  ...settings('logging', 'BucketLogging', 'GET', 'PUT'),
  ...settings('notification', 'BucketNotificationConfiguration', 'GET', 'PUT'),
  ...settings('object-lock', 'ObjectLockConfiguration', 'GET', 'PUT'),
  ...settings('ownershipControls', 'BucketOwnershipControls', 'GET', 'PUT', 'DELETE'),
  ...settings('policy', 'BucketPolicy', 'GET', 'PUT', 'DELETE'),
  ...settings('policyStatus', 'BucketPolicyStatus', 'GET'),
  ...settings('publicAccessBlock', 'PublicAccessBlock', 'GET', 'PUT', 'DELETE'),
  ...settings('replication', 'BucketReplication', 'GET', 'PUT', 'DELETE'),
  ...settings('requestPayment', 'BucketRequestPayment', 'GET', 'PUT'),
  ...settings('tagging', 'BucketTagging', 'GET', 'PUT', 'DELETE'),
  ...settings('website', 'BucketWebsite', 'GET', 'PUT', 'DELETE'),
  ...settings('accelerate', 'BucketAccelerateConfiguration', 'GET', 'PUT'),
  ...settings('analytics', 'BucketAnalyticsConfiguration', 'GET', 'PUT', 'DELETE'),
  ...settings('intelligent-tiering', 'BucketIntelligentTieringConfiguration', 'GET', 'PUT', 'DELETE'),
  ...settings('inventory', 'BucketInventoryConfiguration', 'GET', 'PUT', 'DELETE'),
  ...settings('metrics', 'BucketMetricsConfiguration', 'GET', 'PUT', 'DELETE'),
};

const objectOperations: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  uploads: { POST: 'CreateMultipartUpload' },
  uploadId: {
    GET: 'ListParts',
    PUT: 'UploadPart',
    POST: 'CompleteMultipartUpload',
    DELETE: 'AbortMultipartUpload',
  },
  ...settings('tagging', 'ObjectTagging', 'GET', 'PUT', 'DELETE'),
  ...settings('acl', 'ObjectAcl', 'GET', 'PUT'),
  ...settings('attributes', 'ObjectAttributes', 'GET'),
  ...settings('legal-hold', 'ObjectLegalHold', 'GET', 'PUT'),
  ...settings('retention', 'ObjectRetention', 'GET', 'PUT'),
  ...settings('torrent', 'ObjectTorrent', 'GET'),
  restore: { POST: 'RestoreObject' },
  select: { POST: 'SelectObjectContent' },
  renameObject: { PUT: 'RenameObject' },
};

const plainBucketOperations: Readonly<Record<string, string>> = {
  GET: 'ListObjects',
  HEAD: 'HeadBucket',
  PUT: 'CreateBucket',
  DELETE: 'DeleteBucket',
  POST: 'PostObject',
};

const plainObjectOperations: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  HEAD: 'HeadObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
};

/** Query parameters that are members of operations, by AWS's name of the member. */
const parameters: Readonly<Record<string, string>> = {
  versionId: 'VersionId',
  uploadId: 'UploadId',
  partNumber: 'PartNumber',
  prefix: 'Prefix',
  delimiter: 'Delimiter',
  marker: 'Marker',
  'max-keys': 'MaxKeys',
  'start-after': 'StartAfter',
  'continuation-token': 'ContinuationToken',
  'fetch-owner': 'FetchOwner',
  'encoding-type': 'EncodingType',
  'key-marker': 'KeyMarker',
  'version-id-marker': 'VersionIdMarker',
  'upload-id-marker': 'UploadIdMarker',
  'max-uploads': 'MaxUploads',
  'max-parts': 'MaxParts',
  'part-number-marker': 'PartNumberMarker',
  'response-cache-control': 'ResponseCacheControl',
  'response-content-disposition': 'ResponseContentDisposition',
  'response-content-encoding': 'ResponseContentEncoding',
  'response-content-language': 'ResponseContentLanguage',
  'response-content-type': 'ResponseContentType',
  'response-expires': 'ResponseExpires',
};

/**
 * Reads a path-style S3 address. The key is everything after the bucket's slash, percent-decoded exactly
 * once: `//`, `..`, `+` and `%2F` mean themselves. `input` holds `Bucket`, `Key`, the query's members and,
 * for copies, `CopySource` as sent. A PostObject's key is in its form, not here.
 *
 * Operations that exist on AWS are named even where the engine answers NotImplemented. Throws the
 * ServiceErrors `InvalidURI` and `MethodNotAllowed`.
 */
export function s3AddressOf(
  method: string,
  rawPath: string,
  rawQuery: string,
  headers: Readonly<Record<string, string>>,
): S3Address {
  const [bucket, key] = bucketAndKey(rawPath);
  const query = queryOf(rawQuery);
  const input: Record<string, string> = {};
  if (bucket !== '') input.Bucket = bucket;
  if (key !== '') input.Key = key;
  for (const [name, value] of query) {
    const member = parameters[name];
    if (member !== undefined) input[member] = value;
  }
  // A presigner may have moved the header into the query.
  const copySource = headers['x-amz-copy-source'] ?? query.get('x-amz-copy-source');
  if (copySource !== undefined) input.CopySource = copySource;
  return { operation: operationOf(method, bucket, key, query, copySource !== undefined), input };
}

/** The query's parameters, decoded; of a repeated name the first counts. Throws `InvalidURI`. */
export function queryOf(rawQuery: string): Map<string, string> {
  const query = new Map<string, string>();
  for (const pair of rawQuery.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode((equals < 0 ? pair : pair.slice(0, equals)).replaceAll('+', ' '));
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1).replaceAll('+', ' '));
    if (!query.has(name)) query.set(name, value);
  }
  return query;
}

function bucketAndKey(rawPath: string): [bucket: string, key: string] {
  const path = rawPath.replace(/^\//, '');
  const slash = path.indexOf('/');
  return slash < 0 ? [decode(path), ''] : [decode(path.slice(0, slash)), decode(path.slice(slash + 1))];
}

function operationOf(
  method: string,
  bucket: string,
  key: string,
  query: ReadonlyMap<string, string>,
  copies: boolean,
): string {
  if (method === 'OPTIONS') return 'OptionsObject';
  if (bucket === '') return pick({ GET: 'ListBuckets' }, method, 'the service');
  if (key === '' && query.get('list-type') === '2')
    return pick({ GET: 'ListObjectsV2' }, method, 'list-type');
  const special = key === '' ? bucketOperations : objectOperations;
  for (const [word, operations] of Object.entries(special)) {
    if (!query.has(word)) continue;
    const operation = pick(operations, method, word);
    return operation === 'UploadPart' && copies ? 'UploadPartCopy' : operation;
  }
  if (key === '') return pick(plainBucketOperations, method, 'a bucket');
  const operation = pick(plainObjectOperations, method, 'an object');
  return operation === 'PutObject' && copies ? 'CopyObject' : operation;
}

function pick(operations: Readonly<Record<string, string>>, method: string, resource: string): string {
  const operation = operations[method];
  if (operation !== undefined) return operation;
  throw new ServiceError(
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    405,
    {
      Method: method,
      ResourceType: resource,
    },
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ServiceError('InvalidURI', "Couldn't parse the specified URI.", 400, { URI: text });
  }
}

function settings(
  word: string,
  subject: string,
  ...methods: ('GET' | 'PUT' | 'DELETE')[]
): Record<string, Record<string, string>> {
  const verbs = { GET: 'Get', PUT: 'Put', DELETE: 'Delete' };
  return { [word]: Object.fromEntries(methods.map((method) => [method, `${verbs[method]}${subject}`])) };
}
