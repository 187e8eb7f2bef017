import { s3AddressOf } from '../../s3/address.ts';
import { readFormUpload } from '../identity/policy-form.ts';
import type { Protocol } from './protocol.ts';
import { s3Protocol } from './s3.ts';

/** A browser's form upload to a bucket: a PostObject by whoever signed its policy. */
export const s3FormProtocol: Protocol = {
  ...s3Protocol,
  async read(request, judge) {
    const { operation, input } = s3AddressOf(
      request.method,
      request.rawPath,
      request.rawQuery,
      request.headers,
    );
    const upload = await readFormUpload(request, input.Bucket ?? '', judge);
    return {
      principal: upload.principal,
      service: 's3',
      operation,
      input: { ...input, Key: upload.key, Fields: upload.fields },
      http: upload.http,
    };
  },
};
