import { ServiceError, type ServiceName } from '../contract.ts';
import { StateFailed } from './errors.ts';
import type { Integration } from './resources.ts';

/**
 * Errors that no service's model has: they are told under one name for the whole service. Source: "Common Error
 * Types" of the API references.
 */
const UNMODELLED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'InternalError',
  'InternalFailure',
  'InvalidParameterValue',
  'MissingParameter',
  'RequestThrottled',
  'SerializationException',
  'ServiceUnavailable',
  'Throttling',
  'UnknownOperationException',
  'ValidationException',
]);

/** What SDK and optimized integrations call an error that isn't in the service's model. */
const GENERIC: Partial<Record<ServiceName, string>> = {
  dynamodb: 'AmazonDynamoDBException',
  lambda: 'AWSLambdaException',
  sns: 'AmazonSNSException',
  sqs: 'AmazonSQSException',
  states: 'AWSStepFunctionsException',
};

/** Errors that one service models, though others don't. */
const MODELLED: Partial<Record<ServiceName, readonly string[]>> = {
  states: ['ValidationException'],
  sqs: ['RequestThrottled'],
};

/**
 * A failed call as Step Functions names it: `DynamoDB.ConditionalCheckFailedException`,
 * `Lambda.AWSLambdaException` where the role lacks the right, `Lambda.SdkClientException` where no answer came.
 */
export function failureOf(
  error: unknown,
  { service, prefix, isSdk }: Pick<Integration, 'service' | 'prefix' | 'isSdk'>,
  requestId: string,
): StateFailed {
  if (!(error instanceof ServiceError)) {
    const why = error instanceof Error ? error.message : String(error);
    return new StateFailed(`${prefix}.SdkClientException`, `Unable to execute HTTP request: ${why}`);
  }
  const { code, message, status } = error;
  const isModelled = !UNMODELLED.has(code) || MODELLED[service]?.includes(code);
  const generic = isSdk ? `${prefix}Exception` : (GENERIC[service] ?? `${prefix}Exception`);
  const named = code.endsWith('Exception') ? code : `${code}Exception`;
  const cause = `${message} (Service: ${prefix}, Status Code: ${status}, Request ID: ${requestId})`;
  return new StateFailed(`${prefix}.${isModelled ? named : generic}`, cause);
}
