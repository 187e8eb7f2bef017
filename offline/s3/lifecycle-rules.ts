import { listOf, recordOf } from './template.ts';

/** One enabled rule of a bucket's lifecycle. Spans are in days. */
export interface LifecycleRule {
  readonly id: string;
  readonly prefix: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  /** In bytes, both exclusive. */
  readonly largerThan: number;
  readonly smallerThan: number;
  readonly expirationDays: number | undefined;
  /** Milliseconds since the epoch. */
  readonly expirationDate: number | undefined;
  readonly expiredDeleteMarkers: boolean;
  readonly noncurrentDays: number | undefined;
  /** So many noncurrent versions stay in any case. */
  readonly noncurrentKept: number;
  readonly abortUploadsAfterDays: number | undefined;
}

/** The enabled rules; transitions to other storage classes are named to the person at the terminal. */
export function lifecycleRulesOf(
  bucket: string,
  configuration: unknown,
  log: (line: string) => void,
): LifecycleRule[] {
  return listOf(recordOf(configuration).Rules)
    .map(recordOf)
    .filter(({ Status }) => Status === 'Enabled')
    .map((rule, index) => {
      const id = String(rule.Id ?? `rule-${index + 1}`);
      for (const name of Object.keys(rule).filter((name) => /Transition/.test(name))) {
        log(`s3: ${bucket}: ${name} of lifecycle rule ${id} is ignored: there is one storage class here`);
      }
      return ruleOf(id, rule);
    });
}

function ruleOf(id: string, rule: Readonly<Record<string, unknown>>): LifecycleRule {
  const noncurrent = recordOf(rule.NoncurrentVersionExpiration);
  return {
    id,
    prefix: String(rule.Prefix ?? ''),
    tags: listOf(rule.TagFilters)
      .map(recordOf)
      .map(({ Key, Value }) => ({ key: String(Key), value: String(Value) })),
    largerThan: numberOf(rule.ObjectSizeGreaterThan) ?? -1,
    smallerThan: numberOf(rule.ObjectSizeLessThan) ?? Number.POSITIVE_INFINITY,
    expirationDays: numberOf(rule.ExpirationInDays),
    expirationDate: rule.ExpirationDate === undefined ? undefined : Date.parse(String(rule.ExpirationDate)),
    expiredDeleteMarkers: String(rule.ExpiredObjectDeleteMarker) === 'true',
    noncurrentDays: numberOf(noncurrent.NoncurrentDays ?? rule.NoncurrentVersionExpirationInDays),
    noncurrentKept: numberOf(noncurrent.NewerNoncurrentVersions) ?? 0,
    abortUploadsAfterDays: numberOf(recordOf(rule.AbortIncompleteMultipartUpload).DaysAfterInitiation),
  };
}

function numberOf(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}
