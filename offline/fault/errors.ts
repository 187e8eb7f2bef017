import { type Call, ServiceError, type ServiceName } from '../contract.ts';

type Form = readonly [code: string, message: string, status: number];

/** What each service answers who calls too often, as its API reference lists it. */
const throttled: Record<ServiceName, Form> = {
  s3: ['SlowDown', 'Please reduce your request rate.', 503],
  dynamodb: [
    'ProvisionedThroughputExceededException',
    'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
    400,
  ],
  dynamodbstreams: ['LimitExceededException', 'Too many operations for a given subscriber.', 400],
  sqs: ['RequestThrottled', 'Request is throttled.', 400],
  sns: ['Throttling', 'Rate exceeded', 400],
  lambda: ['TooManyRequestsException', 'Rate Exceeded.', 429],
  'cognito-idp': ['TooManyRequestsException', 'Rate exceeded', 400],
  secretsmanager: ['ThrottlingException', 'Rate exceeded', 400],
  states: ['ThrottlingException', 'Rate exceeded', 400],
  firehose: ['ServiceUnavailableException', 'Slow down.', 503],
  personalize: ['ThrottlingException', 'Rate exceeded', 429],
};

/** What each service answers when it fails itself. */
const failed: Record<ServiceName, Form> = {
  s3: ['InternalError', 'We encountered an internal error. Please try again.', 500],
  dynamodb: ['InternalServerError', 'The request processing has failed because of an unknown error.', 500],
  dynamodbstreams: ['InternalServerError', 'An error occurred on the server side.', 500],
  sqs: ['InternalError', 'We encountered an internal error. Please try again.', 500],
  sns: ['InternalError', 'We encountered an internal error. Please try again.', 500],
  lambda: ['ServiceException', 'The Lambda service encountered an internal error.', 500],
  'cognito-idp': ['InternalErrorException', 'Something went wrong', 500],
  secretsmanager: ['InternalServiceError', 'An error occurred on the server side.', 500],
  states: ['InternalFailure', 'The request processing has failed.', 500],
  firehose: ['InternalFailure', 'The request processing has failed.', 500],
  personalize: ['InternalFailure', 'The request processing has failed.', 500],
};

/** DynamoDB tells the throttling of one item of a transaction as the reason for cancelling it. */
export function throttle(call: Call): ServiceError {
  if (call.operation === 'TransactWriteItems' || call.operation === 'TransactGetItems') {
    return cancelled(
      call,
      'ThrottlingError',
      'Throughput exceeds the current capacity of your table or index.',
    );
  }
  const [code, message, status] = throttled[call.service];
  return new ServiceError(code, message, status, reasonOf(call));
}

/** The service's own failure, or that it can't be reached at all. */
export function failure(call: Call, status: 500 | 503): ServiceError {
  if (status === 503) {
    const code = call.service === 'lambda' ? 'ServiceException' : 'ServiceUnavailable';
    return new ServiceError(code, 'Service is unable to handle request.', 503);
  }
  const [code, message] = failed[call.service];
  return new ServiceError(code, message, 500);
}

/** Two transactions, or a transaction and a write, at the same item. */
export function conflict(call: Call): ServiceError {
  const message = 'Transaction is ongoing for the item';
  return call.operation.startsWith('Transact')
    ? cancelled(call, 'TransactionConflict', message)
    : new ServiceError('TransactionConflictException', message, 400);
}

function cancelled({ input }: Call, code: string, message: string): ServiceError {
  const items = Array.isArray(input.TransactItems) ? input.TransactItems : [undefined];
  const reasons = items.map((_, index) =>
    index === 0 ? { Code: code, Message: message } : { Code: 'None' },
  );
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return new ServiceError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    400,
    {
      Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
      CancellationReasons: reasons,
    },
  );
}

function reasonOf({ service }: Call): Record<string, unknown> {
  return service === 'lambda' ? { Reason: 'ConcurrentInvocationLimitExceeded', Type: 'User' } : {};
}
