import type { Reply, RequestHead } from '../http.ts';
import { membersToXml } from './xml.ts';

/**
 * Answers a call of a service that doesn't exist here, in the form its client will most likely read.
 * @param service the name it is signed with, or its target
 */
export function unknownService(request: RequestHead, service: string, offered: readonly string[]): Reply {
  const code = 'UnknownServiceException';
  const message = `The local AWS has no ${service}; it has ${offered.join(', ')}.`;
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    const error = membersToXml({ Error: { Type: 'Sender', Code: code, Message: message } });
    return {
      status: 404,
      headers: { 'content-type': 'text/xml' },
      body: `<ErrorResponse>${error}</ErrorResponse>`,
    };
  }
  return {
    status: 404,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code },
    body: JSON.stringify({ __type: code, message }),
  };
}
