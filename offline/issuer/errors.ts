import { ServiceError } from '../contract.ts';

/** The errors that several operations share, in Cognito's names and words. */
export const notAuthorized = (message: string) => new ServiceError('NotAuthorizedException', message);

export const invalidParameter = (message: string) => new ServiceError('InvalidParameterException', message);

export const notFound = (message: string) => new ServiceError('ResourceNotFoundException', message);

export const wrongPassword = () => notAuthorized('Incorrect username or password.');

export const userNotFound = (message = 'User does not exist.') =>
  new ServiceError('UserNotFoundException', message);

export const userNotConfirmed = () => new ServiceError('UserNotConfirmedException', 'User is not confirmed.');

export const usernameExists = (message: string) => new ServiceError('UsernameExistsException', message);

export const aliasExists = (attribute: string) =>
  new ServiceError('AliasExistsException', `An account with the given ${attribute} already exists.`);

export const codeMismatch = () =>
  new ServiceError('CodeMismatchException', 'Invalid verification code provided, please try again.');

export const expiredCode = () =>
  new ServiceError('ExpiredCodeException', 'Invalid code provided, please request a code again.');

export const badPassword = (reason: string) =>
  new ServiceError('InvalidPasswordException', `Password did not conform with policy: ${reason}`);

export const expiredTemporaryPassword = () =>
  notAuthorized('Temporary password has expired and must be reset by an administrator.');
