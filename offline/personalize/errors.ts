import { ServiceError } from '../contract.ts';

/** What was asked isn't as the API wants it. */
export function invalid(message: string): ServiceError {
  return new ServiceError('InvalidInputException', message, 400);
}

/** @param status 400 of the control plane, 404 of the runtime and of events */
export function notFound(message: string, status: 400 | 404 = 400): ServiceError {
  return new ServiceError('ResourceNotFoundException', message, status);
}

export function inUse(message: string): ServiceError {
  return new ServiceError('ResourceInUseException', message, 400);
}

export function alreadyExists(arn: string): ServiceError {
  return new ServiceError(
    'ResourceAlreadyExistsException',
    `Another resource with Arn ${arn} already exists.`,
    400,
  );
}

export function limitExceeded(what: string, most: number): ServiceError {
  return new ServiceError(
    'LimitExceededException',
    `You have reached the limit on the number of ${what}: ${most}.`,
    400,
  );
}

/** Why a job fails: told as its `failureReason`. */
export class JobFailed extends Error {
  override readonly name = 'JobFailed';
}
