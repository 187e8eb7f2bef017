import { ServiceError } from '../../contract.ts';
import { readBody } from '../http.ts';
import { sha256 } from '../identity/canonical.ts';
import { readClaim } from '../identity/claim.ts';
import { refusal } from '../identity/refusals.ts';
import { verifyRequest } from '../identity/verify.ts';
import type { Protocol, Telling } from './protocol.ts';

const INVOCATIONS = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/**
 * Lambda's REST protocol, as far as Invoke goes: the function is named by the path, the event is the body,
 * and how the function ended is in headers.
 */
export const lambdaProtocol: Protocol = {
  async read(request, judge) {
    const body = await readBody(request.incoming);
    const claim = readClaim(request, 'json');
    if (!claim) throw refusal('json', 'unsigned');
    const { principal } = verifyRequest(request, claim, 'lambda', 'json', sha256(body), judge);
    const name = INVOCATIONS.exec(request.rawPath)?.[1];
    if (request.method !== 'POST' || name === undefined) {
      throw new ServiceError(
        'UnknownOperationException',
        `The local Lambda has Invoke, not ${request.method} ${request.rawPath}.`,
        404,
      );
    }
    const input = {
      FunctionName: decodeURIComponent(name),
      Payload: parse(body),
      InvocationType: request.headers['x-amz-invocation-type'] ?? 'RequestResponse',
    };
    return { principal, service: 'lambda', operation: 'Invoke', input };
  },
  answer(answer, telling) {
    if ('status' in answer) return answer;
    const { StatusCode, FunctionError, Payload } = answer.output;
    return {
      status: Number(StatusCode),
      headers: {
        ...headersOf(telling),
        ...(FunctionError !== undefined && { 'x-amz-function-error': String(FunctionError) }),
      },
      body: StatusCode === 200 ? (JSON.stringify(Payload) ?? 'null') : undefined,
    };
  },
  error(error, telling) {
    return {
      status: error.status,
      headers: { ...headersOf(telling), 'x-amzn-errortype': error.code },
      body: JSON.stringify({ Type: error.status < 500 ? 'User' : 'Service', Message: error.message }),
    };
  },
};

function headersOf({ requestId }: Telling): Record<string, string> {
  return { 'content-type': 'application/json', 'x-amzn-requestid': requestId };
}

function parse(body: Buffer): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
  } catch {
    throw new ServiceError('InvalidRequestContentException', 'The event must be JSON.');
  }
}
