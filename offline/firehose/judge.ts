import * as z from 'zod';

/** Why a record could not be transformed. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** What became of a record. */
export type Verdict =
  | { readonly result: 'Ok'; readonly data: Buffer }
  | { readonly result: 'Dropped' }
  | { readonly result: 'ProcessingFailed'; readonly failure: Failure };

/** Developer Guide, "Required parameters for data transformation"; blueprints drop records without data. */
const returned = z.discriminatedUnion('result', [
  z.object({ recordId: z.string(), result: z.literal('Ok'), data: z.base64() }),
  z.object({ recordId: z.string(), result: z.enum(['Dropped', 'ProcessingFailed']) }),
]);
const answer = z.object({ records: z.array(returned) });

type Returned = z.output<typeof returned>;

const FAILED = failed('Lambda.ProcessingFailedStatus', 'ProcessingFailed status set for record');
const MALFORMED = failed(
  'Lambda.FunctionError',
  'Check your function and make sure the output is in required format. In addition to that, make sure the processed records contain valid result status of Dropped, Ok, or ProcessingFailed',
);
const MISSING = failed(
  'Lambda.MissingRecordId',
  'One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.',
);
const DUPLICATED = failed(
  'Lambda.DuplicatedRecordId',
  'Multiple records were returned with the same record Id. Ensure that the Lambda function returns a unique record Id for each record.',
);

/**
 * What a function's answer means for the records that it was handed. One whose id isn't there failed, one whose
 * id is there twice too; ids that weren't asked for mean nothing; an answer of another form fails all.
 */
export function judge(records: readonly { readonly recordId: string }[], payload: unknown): Verdict[] {
  const parsed = answer.safeParse(payload);
  if (!parsed.success) return records.map(() => MALFORMED);
  const byId = Map.groupBy(parsed.data.records, ({ recordId }) => recordId);
  return records.map(({ recordId }) => verdictOf(byId.get(recordId) ?? []));
}

export function failed(code: string, message: string): Verdict {
  return { result: 'ProcessingFailed', failure: { code, message } };
}

function verdictOf([one, ...more]: readonly Returned[]): Verdict {
  if (!one) return MISSING;
  if (more.length > 0) return DUPLICATED;
  if (one.result === 'Ok') return { result: 'Ok', data: Buffer.from(one.data, 'base64') };
  return one.result === 'Dropped' ? { result: 'Dropped' } : FAILED;
}
