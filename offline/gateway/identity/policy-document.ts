import { ServiceError } from '../../contract.ts';

/** What a signed POST policy allows. */
export interface Policy {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly conditions: readonly Condition[];
  /** Size of the file in bytes, both ends included. */
  readonly range: { readonly min: number; readonly max: number };
}

interface Condition {
  readonly operator: 'eq' | 'starts-with';
  /** The form field, lower case. */
  readonly field: string;
  readonly value: string;
}

/** Fields that no condition has to name. Source: Amazon S3 API Reference, "Creating a POST policy". */
const FREE_FIELDS = new Set(['x-amz-signature', 'file', 'policy', 'awsaccesskeyid']);

/**
 * Reads a policy as the form carries it, in Base64.
 * @throws ServiceError InvalidPolicyDocument
 */
export function readPolicy(base64: string): Policy {
  const document = parse(base64);
  const { expiration, conditions } = document;
  const expiresAt = typeof expiration === 'string' ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(expiresAt)) {
    throw invalid(`expiration must be an ISO 8601 time, got ${JSON.stringify(expiration)}.`);
  }
  if (!Array.isArray(conditions)) throw invalid('conditions must be a list.');
  const ranges = conditions.filter(isRange).map(([, min, max]) => ({ min: bytes(min), max: bytes(max) }));
  return {
    expiresAt,
    conditions: conditions.filter((condition) => !isRange(condition)).flatMap(readCondition),
    range: {
      min: Math.max(0, ...ranges.map(({ min }) => min)),
      max: Math.min(Number.POSITIVE_INFINITY, ...ranges.map(({ max }) => max)),
    },
  };
}

/**
 * Judges a form: the policy is in force, every condition holds, and every field is named by a condition.
 * @param fields lower-case names, `bucket` from the address among them
 * @throws ServiceError AccessDenied
 */
export function checkPolicy(policy: Policy, fields: ReadonlyMap<string, string>, now: number): void {
  if (now >= policy.expiresAt) throw denied('Policy expired.');
  for (const { operator, field, value } of policy.conditions) {
    const given = fields.get(field);
    const holds = operator === 'eq' ? given === value : given?.startsWith(value);
    if (!holds) {
      throw denied(`Policy Condition failed: ${JSON.stringify([operator, `$${field}`, value])}`);
    }
  }
  const named = new Set(policy.conditions.map(({ field }) => field));
  const extra = [...fields.keys()].filter(
    (field) => !named.has(field) && !FREE_FIELDS.has(field) && !field.startsWith('x-ignore-'),
  );
  if (extra.length > 0) throw denied(`Extra input fields: ${extra.join(', ')}`);
}

function parse(base64: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
    if (typeof document === 'object' && document !== null) return { ...document };
  } catch {}
  throw invalid('Invalid JSON.');
}

function isRange(condition: unknown): condition is [string, unknown, unknown] {
  return Array.isArray(condition) && String(condition[0]).toLowerCase() === 'content-length-range';
}

function readCondition(condition: unknown): Condition[] {
  if (Array.isArray(condition)) {
    const [operator, field, value] = condition.map((part) => (typeof part === 'string' ? part : ''));
    const name = operator?.toLowerCase();
    if (condition.length === 3 && (name === 'eq' || name === 'starts-with') && field?.startsWith('$')) {
      return [{ operator: name, field: field.slice(1).toLowerCase(), value: value ?? '' }];
    }
  } else if (typeof condition === 'object' && condition !== null) {
    const pairs = Object.entries(condition);
    if (pairs.length > 0 && pairs.every(([, value]) => typeof value === 'string')) {
      return pairs.map(([field, value]) => ({ operator: 'eq', field: field.toLowerCase(), value }));
    }
  }
  throw invalid(`Invalid condition: ${JSON.stringify(condition)}.`);
}

function bytes(value: unknown): number {
  const count = Number(value);
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw invalid(`content-length-range takes two numbers of bytes, got ${JSON.stringify(value)}.`);
}

function invalid(detail: string): ServiceError {
  return new ServiceError('InvalidPolicyDocument', `Invalid Policy: ${detail}`, 400);
}

function denied(detail: string): ServiceError {
  return new ServiceError('AccessDenied', `Invalid according to Policy: ${detail}`, 403);
}
