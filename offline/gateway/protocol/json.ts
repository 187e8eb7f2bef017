import { ServiceError, type ServiceName } from '../../contract.ts';
import { readBody } from '../http.ts';
import { sha256 } from '../identity/canonical.ts';
import { readClaim } from '../identity/claim.ts';
import { refusal } from '../identity/refusals.ts';
import { verifyRequest } from '../identity/verify.ts';
import { signingName } from '../route.ts';
import { COGNITO_CORS } from './cors.ts';
import { anonymous, type Protocol, type Telling } from './protocol.ts';

/** What stands before an error's name in `__type`. */
const NAMESPACES: Partial<Record<ServiceName, string>> = {
  dynamodb: 'com.amazonaws.dynamodb.v20120810#',
  dynamodbstreams: 'com.amazonaws.dynamodb.v20120810#',
  sqs: 'com.amazonaws.sqs#',
};

/**
 * SQS spoke the query protocol once, and its clients still know some errors by the code they had there.
 * Source: the `awsQueryError` traits of the SQS service model.
 */
const SQS_QUERY_CODES: Readonly<Record<string, string>> = Object.fromEntries([
  ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'],
  ['QueueNameExists', 'QueueAlreadyExists'],
  ...[
    'BatchEntryIdsNotDistinct',
    'BatchRequestTooLong',
    'EmptyBatchRequest',
    'InvalidBatchEntryId',
    'MessageNotInflight',
    'PurgeQueueInProgress',
    'QueueDeletedRecently',
    'TooManyEntriesInBatchRequest',
    'UnsupportedOperation',
  ].map((code) => [code, `AWS.SimpleQueueService.${code}`]),
]);

/** AWS JSON 1.0 and 1.1: the operation is in a header, members are JSON both ways. */
export function jsonProtocol(service: ServiceName, operation: string): Protocol {
  return {
    async read(request, judge) {
      const body = await readBody(request.incoming);
      const claim = readClaim(request, 'json');
      if (!claim && service !== 'cognito-idp') throw refusal('json', 'unsigned');
      const principal = claim
        ? verifyRequest(request, claim, signingName(service), 'json', sha256(body), judge).principal
        : anonymous;
      return { principal, service, operation, input: parse(body) };
    },
    answer(answer, telling) {
      if ('status' in answer) return answer;
      return { status: 200, headers: headersOf(telling), body: JSON.stringify(answer.output) };
    },
    error(error, telling) {
      return {
        status: error.status,
        headers: {
          ...headersOf(telling),
          'x-amzn-errortype': error.code,
          ...(service === 'sqs' ? { 'x-amzn-query-error': queryError(error) } : {}),
        },
        body: JSON.stringify({
          __type: `${NAMESPACES[service] ?? ''}${error.code}`,
          message: error.message,
          ...error.members,
        }),
      };
    },
  };
}

function parse(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  try {
    const input: unknown = JSON.parse(body.toString('utf8'));
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) {
      return input as Record<string, unknown>;
    }
  } catch {}
  throw new ServiceError('SerializationException', 'The body must be one JSON object.');
}

function headersOf({ request, requestId, service }: Telling): Record<string, string> {
  return {
    'content-type': request.headers['content-type'] ?? 'application/x-amz-json-1.1',
    'x-amzn-requestid': requestId,
    ...(service === 'cognito-idp' ? COGNITO_CORS : {}),
  };
}

function queryError(error: ServiceError): string {
  return `${SQS_QUERY_CODES[error.code] ?? error.code};${error.status < 500 ? 'Sender' : 'Receiver'}`;
}
