import { ServiceError } from '../contract.ts';
import { invalidParameter } from './errors.ts';

/** The members of one call, or of a map inside it. */
export type Input = Readonly<Record<string, unknown>>;

/** A member that must be there. Throws InvalidParameterException or SerializationException. */
export function text(input: Input, member: string): string {
  const value = optionalText(input, member);
  if (value) return value;
  const name = `${member.charAt(0).toLowerCase()}${member.slice(1)}`;
  throw invalidParameter(
    value === undefined
      ? `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`
      : `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must have length greater than or equal to 1`,
  );
}

export function optionalText(input: Input, member: string): string | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new ServiceError(
    'SerializationException',
    `Expected a string for ${member}, received ${typeof value}.`,
  );
}

/** A map inside the call, for example AuthParameters; empty where the call has none. */
export function map(input: Input, member: string): Input {
  const value = input[member] ?? {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Input;
  throw new ServiceError('SerializationException', `Expected a map for ${member}, received ${typeof value}.`);
}

/** A member of AuthParameters or ChallengeResponses that must be there. */
export function parameter(parameters: Input, name: string): string {
  const value = optionalText(parameters, name);
  if (!value) throw invalidParameter(`Missing required parameter ${name}`);
  return value;
}

/** A list of `{Name, Value}`, for example UserAttributes, as pairs by name. */
export function attributes(input: Input, member = 'UserAttributes'): Record<string, string> {
  const list = input[member] ?? [];
  if (!Array.isArray(list)) {
    throw new ServiceError(
      'SerializationException',
      `Expected a list for ${member}, received ${typeof list}.`,
    );
  }
  return Object.fromEntries(
    list.map((item: Input) => [text(item, 'Name'), optionalText(item, 'Value') ?? '']),
  );
}

/** Pairs by name as the list that Cognito answers. */
export function attributeList(pairs: Readonly<Record<string, string>>): { Name: string; Value: string }[] {
  return Object.entries(pairs).map(([Name, Value]) => ({ Name, Value }));
}
