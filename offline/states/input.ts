import * as z from 'zod';
import { ServiceError } from '../contract.ts';
import { MOST_BYTES } from './errors.ts';

/** Step Functions API Reference, StartExecution: names are 1 to 80 characters without these. */
const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;

const arn = z.string().min(1).max(256);
const page = {
  maxResults: z.number().int().min(0).max(1_000).default(100),
  nextToken: z.string().optional(),
};

export const startExecution = z.object({
  stateMachineArn: arn,
  name: z.string().optional(),
  input: z.string().default('{}'),
  traceHeader: z.string().optional(),
});
export const executionNamed = z.object({ executionArn: arn });
export const machineNamed = z.object({ stateMachineArn: arn });
export const history = executionNamed.extend({
  ...page,
  reverseOrder: z.boolean().default(false),
  includeExecutionData: z.boolean().default(true),
});
export const stopExecution = executionNamed.extend({
  error: z.string().max(256).optional(),
  cause: z.string().max(32_768).optional(),
});
export const listExecutions = machineNamed.extend({
  ...page,
  statusFilter: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']).optional(),
});
export const listMachines = z.object(page);

/** @throws ServiceError InvalidName */
export function checkName(name: string): void {
  if (!NAME.test(name)) throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
}

/** @throws ServiceError InvalidExecutionInput where the input is too large or no JSON */
export function checkInput(input: string): void {
  if (Buffer.byteLength(input) > MOST_BYTES) {
    throw new ServiceError('InvalidExecutionInput', `Input must be at most ${MOST_BYTES} bytes`);
  }
  try {
    JSON.parse(input);
  } catch (error) {
    const why = (error as Error).message;
    throw new ServiceError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`);
  }
}

/** One page of what there is, with the token of the next one. */
export function pageOf<Entry>(
  entries: readonly Entry[],
  { maxResults, nextToken }: { readonly maxResults: number; readonly nextToken?: string | undefined },
): { readonly items: Entry[]; readonly nextToken?: string } {
  const from = nextToken === undefined ? 0 : placeOf(nextToken);
  const to = from + (maxResults === 0 ? 100 : maxResults);
  const items = entries.slice(from, to);
  return to < entries.length ? { items, nextToken: tokenOf(to) } : { items };
}

function tokenOf(place: number): string {
  return Buffer.from(`from ${place}`).toString('base64url');
}

function placeOf(token: string): number {
  const [, place] = /^from (\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (place === undefined) throw new ServiceError('InvalidToken', `Invalid Token: '${token}'`);
  return Number(place);
}
