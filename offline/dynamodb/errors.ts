import { ServiceError } from '../contract.ts';

/** The request itself is wrong: AWS answers it the same way every time. */
export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

/** A parameter's value is wrong, in AWS's words. */
export function invalidValue(message: string): ServiceError {
  return invalid(`One or more parameter values were invalid: ${message}`);
}

export function notFound(detail = ''): ServiceError {
  return new ServiceError('ResourceNotFoundException', `Requested resource not found${detail}`);
}
