import { ServiceError } from '../../contract.ts';

/** Groups of services that name the same refusal differently. */
export type Family = 'json' | 'query' | 's3';

export type Reason =
  | 'unsigned'
  | 'incomplete'
  | 'unsupported'
  | 'unknown-key'
  | 'wrong-token'
  | 'expired-token'
  | 'wrong-scope'
  | 'wrong-signature'
  | 'skewed'
  | 'expired'
  | 'unsigned-header';

type Refusal = readonly [code: string, status: number];

/** Source: "Common errors" in each service's API reference, and the answers of the services themselves. */
const REFUSALS: Readonly<Record<Reason, Readonly<Record<Family, Refusal>>>> = {
  unsigned: {
    json: ['MissingAuthenticationTokenException', 400],
    query: ['MissingAuthenticationToken', 403],
    s3: ['AccessDenied', 403],
  },
  incomplete: {
    json: ['IncompleteSignatureException', 400],
    query: ['IncompleteSignature', 400],
    s3: ['AuthorizationHeaderMalformed', 400],
  },
  unsupported: {
    json: ['IncompleteSignatureException', 400],
    query: ['IncompleteSignature', 400],
    s3: ['InvalidRequest', 400],
  },
  'unknown-key': {
    json: ['UnrecognizedClientException', 400],
    query: ['InvalidClientTokenId', 403],
    s3: ['InvalidAccessKeyId', 403],
  },
  'wrong-token': {
    json: ['UnrecognizedClientException', 400],
    query: ['InvalidClientTokenId', 403],
    s3: ['InvalidToken', 400],
  },
  'expired-token': {
    json: ['ExpiredTokenException', 400],
    query: ['ExpiredToken', 403],
    s3: ['ExpiredToken', 400],
  },
  'wrong-scope': {
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
    s3: ['AuthorizationHeaderMalformed', 400],
  },
  'wrong-signature': {
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
    s3: ['SignatureDoesNotMatch', 403],
  },
  skewed: {
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
    s3: ['RequestTimeTooSkewed', 403],
  },
  expired: {
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
    s3: ['AccessDenied', 403],
  },
  'unsigned-header': {
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
    s3: ['AccessDenied', 403],
  },
};

const MESSAGES: Readonly<Record<Reason, string>> = {
  unsigned: 'Missing Authentication Token',
  incomplete: 'The authorization is malformed.',
  unsupported: 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  'unknown-key': 'The security token included in the request is invalid.',
  'wrong-token': 'The security token included in the request is invalid.',
  'expired-token': 'The security token included in the request is expired',
  'wrong-scope': 'The credential is scoped to another region or service.',
  'wrong-signature':
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  skewed: 'The difference between the request time and the current time is too large.',
  expired: 'Request has expired',
  'unsigned-header': 'There were headers present in the request which were not signed',
};

/** The error with which a service of `family` refuses a caller for `reason`. */
export function refusal(
  family: Family,
  reason: Reason,
  message = MESSAGES[reason],
  members: Readonly<Record<string, unknown>> = {},
): ServiceError {
  const [code, status] = REFUSALS[reason][family];
  return new ServiceError(code, message, status, members);
}
