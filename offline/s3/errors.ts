import { ServiceError } from '../contract.ts';

/** An error of S3 whose answer carries headers of its own. */
export class S3Error extends ServiceError {
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: string,
    message: string,
    status: number,
    members: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>>,
  ) {
    super(code, message, status, members);
    this.headers = headers;
  }
}

/** 404: the stack declares no such bucket. */
export function accessDenied(): ServiceError {
  return new ServiceError('AccessDenied', 'Access Denied', 403);
}

export function noSuchBucket(bucket: string): ServiceError {
  return new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket });
}

/** 404: the key has no object, or its newest version is the delete marker that `headers` tell of. */
export function noSuchKey(key: string, headers: Readonly<Record<string, string>> = {}): S3Error {
  return new S3Error('NoSuchKey', 'The specified key does not exist.', 404, { Key: key }, headers);
}

/** 404: the key has no version of this id. */
export function noSuchVersion(key: string, versionId: string): ServiceError {
  const message = 'The specified version does not exist.';
  return new ServiceError('NoSuchVersion', message, 404, { Key: key, VersionId: versionId });
}

/** 404: no multipart upload of this id and key is under way. */
export function noSuchUpload(uploadId: string): ServiceError {
  const message =
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
  return new ServiceError('NoSuchUpload', message, 404, { UploadId: uploadId });
}

/** 400: a parameter or header can't have this value. */
export function invalidArgument(message: string, name: string, value: string): ServiceError {
  return new ServiceError('InvalidArgument', message, 400, { ArgumentName: name, ArgumentValue: value });
}

/** 400: the request as a whole makes no sense to S3. */
export function invalidRequest(message: string): ServiceError {
  return new ServiceError('InvalidRequest', message);
}

/** 400: a document can't be read, or isn't what the operation takes. */
export function malformedXml(detail: string): ServiceError {
  const message = 'The XML you provided was not well-formed or did not validate against our published schema';
  return new ServiceError('MalformedXML', message, 400, { Detail: detail });
}

/** 412: the condition, named as its header, did not hold. */
export function preconditionFailed(condition: string): ServiceError {
  const message = 'At least one of the pre-conditions you specified did not hold';
  return new ServiceError('PreconditionFailed', message, 412, { Condition: condition });
}

/** 501: AWS has it, the local S3 doesn't. */
export function notImplemented(what: string): ServiceError {
  return new ServiceError('NotImplemented', `${what} is not part of the local S3.`, 501, { Header: what });
}
