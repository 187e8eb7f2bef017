import { Readable } from 'node:stream';
import type { HttpRequest, ServiceError } from '../../contract.ts';
import { s3AddressOf } from '../../s3/address.ts';
import { S3Error } from '../../s3/errors.ts';
import type { IncomingRequest, Reply } from '../http.ts';
import { readClaim } from '../identity/claim.ts';
import { payloadHashOf, readPayload } from '../identity/payload.ts';
import { verifyRequest } from '../identity/verify.ts';
import { anonymous, type Protocol, type Telling } from './protocol.ts';
import { membersToXml } from './xml.ts';

/** S3's REST: method, path and query name the operation; the engine reads headers and body itself. */
export const s3Protocol: Protocol = {
  async read(request, judge) {
    // A browser asks before it sends: the signature in the address is of what it will send.
    const claim = request.method === 'OPTIONS' ? undefined : readClaim(request, 's3');
    const address = s3AddressOf(request.method, request.rawPath, request.rawQuery, request.headers);
    if (!claim) {
      return { principal: anonymous, service: 's3', ...address, http: withoutBody(request) };
    }
    const payloadHash = payloadHashOf(request, claim);
    const key = verifyRequest(request, claim, 's3', 's3', payloadHash, judge);
    const http = readPayload(request, claim, payloadHash, key);
    return { principal: key.principal, service: 's3', ...address, http };
  },
  answer(answer, telling) {
    if (!('status' in answer)) {
      throw new Error(`The S3 engine answered ${telling.operation} with members, not with an HTTP answer.`);
    }
    return { ...answer, headers: { ...answer.headers, ...idsOf(telling) } };
  },
  error: s3Error,
};

/** An error as S3 tells it: XML, but nothing where the answer may not have a body. */
export function s3Error(error: ServiceError, telling: Telling): Reply {
  const { request, requestId } = telling;
  const headers = { ...(error instanceof S3Error && error.headers), ...idsOf(telling) };
  const bodiless = request.method === 'HEAD' || error.status === 304;
  if (bodiless) return { status: error.status, headers };
  const members = membersToXml({
    Code: error.code,
    Message: error.message,
    ...error.members,
    RequestId: requestId,
    HostId: requestId,
  });
  return {
    status: error.status,
    headers: { ...headers, 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${members}</Error>`,
  };
}

function withoutBody(request: IncomingRequest): HttpRequest {
  return { ...request, body: Readable.from([]), trailers: {} };
}

function idsOf({ requestId }: Telling): Record<string, string> {
  return { 'x-amz-request-id': requestId, 'x-amz-id-2': requestId };
}
