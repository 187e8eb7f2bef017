import { type HttpRequest, type Principal, ServiceError } from '../../contract.ts';
import type { IncomingRequest } from '../http.ts';
import { credential } from './claim.ts';
import { malformedForm, readUploadForm, type UploadForm } from './multipart.ts';
import { toReadable } from './payload.ts';
import { checkPolicy, type Policy, readPolicy } from './policy-document.ts';
import { refusal } from './refusals.ts';
import { checkScope, checkSignature, type Judge, knownKey } from './verify.ts';

/** A proven form upload. */
export interface FormUpload {
  /** Who signed the policy. */
  readonly principal: Principal;
  readonly key: string;
  /** The form's other fields, lower-case names, without those that prove it. */
  readonly fields: Readonly<Record<string, string>>;
  /** Its body is the file, and ends with a ServiceError where the file is shorter or longer than allowed. */
  readonly http: HttpRequest;
}

const PROOF = new Set([
  'awsaccesskeyid',
  'bucket',
  'key',
  'policy',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-signature',
]);

/**
 * Reads and proves a browser's form upload: the policy is signed by a known key and in force, its conditions
 * hold for this form, and no field goes beyond them.
 * Source: Amazon S3 API Reference, "Browser-based uploads using POST".
 * @throws ServiceError in S3's words
 */
export async function readFormUpload(
  request: IncomingRequest,
  bucket: string,
  judge: Judge,
): Promise<FormUpload> {
  const form = await readUploadForm(request);
  try {
    const fields = fillIn(form, bucket);
    const principal = provenSigner(fields, judge);
    const policy = readPolicy(fields.get('policy') ?? '');
    checkPolicy(policy, fields, judge.now());
    const key = fields.get('key');
    if (!key) throw missing('key');
    const kept = [...fields].filter(([name]) => !PROOF.has(name) && !name.startsWith('x-ignore-'));
    return { principal, key, fields: Object.fromEntries(kept), http: httpOf(request, form, policy) };
  } catch (error) {
    form.file.destroy();
    throw error;
  }
}

function fillIn(form: UploadForm, bucket: string): Map<string, string> {
  const filled = [...form.fields].map(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own variable
    ([name, value]) => [name, value.replaceAll('${filename}', () => form.filename)] as const,
  );
  return new Map([...filled, ['bucket', bucket]]);
}

function provenSigner(fields: ReadonlyMap<string, string>, judge: Judge): Principal {
  const policy = fields.get('policy');
  if (!policy) throw refusal('s3', 'unsigned', 'Access Denied');
  if (fields.get('x-amz-algorithm') !== 'AWS4-HMAC-SHA256') throw refusal('s3', 'unsupported');
  const token = fields.get('x-amz-security-token');
  const claim = {
    ...credential(fields.get('x-amz-credential'), 's3'),
    timestamp: fields.get('x-amz-date') ?? '',
    signature: fields.get('x-amz-signature') ?? '',
    ...(token === undefined ? {} : { sessionToken: token }),
  };
  const key = knownKey(claim, 's3', judge);
  checkScope(claim, 's3', 's3', judge.region);
  checkSignature(policy, claim, key, 's3');
  return key.principal;
}

function httpOf(request: IncomingRequest, form: UploadForm, policy: Policy): HttpRequest {
  const { method, rawPath, rawQuery, headers } = request;
  const body = toReadable(ranged(form.file, policy.range)).once('close', () => form.file.destroy());
  return { method, rawPath, rawQuery, headers, body, trailers: {} };
}

async function* ranged(file: AsyncIterable<Buffer>, { min, max }: Policy['range']): AsyncGenerator<Buffer> {
  let size = 0;
  try {
    for await (const bytes of file) {
      size += bytes.length;
      if (size > max) throw tooLarge(size, max);
      yield bytes;
    }
  } catch (error) {
    throw error instanceof ServiceError ? error : malformedForm();
  }
  if (size < min) {
    throw new ServiceError(
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size',
      400,
      { ProposedSize: size, MinSizeAllowed: min },
    );
  }
}

function tooLarge(size: number, max: number): ServiceError {
  return new ServiceError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400, {
    ProposedSize: size,
    MaxSizeAllowed: max,
  });
}

function missing(field: string): ServiceError {
  return new ServiceError('InvalidArgument', `Bucket POST must contain a field named '${field}'.`, 400, {
    ArgumentName: field,
  });
}
