import * as z from 'zod';
import type { Principal, Resource, Stack } from '../contract.ts';
import { compilePattern, type Matcher, PatternError } from '../patterns.ts';
import { checkDestination } from './destinations.ts';
import { functionNameOf, functionPrincipal } from './principal.ts';

/** An event source mapping: which function is woken by what, and how. */
export interface Mapping {
  readonly id: string;
  readonly functionName: string;
  readonly functionArn: string;
  /** The function, in whose name the source is read. */
  readonly principal: Principal;
  readonly sourceArn: string;
  readonly batchSize: number;
  readonly windowMs: number;
  /** How many batches are processed at the same time: of the queue, or of each shard. */
  readonly concurrency: number;
  /** Whether the function says which records of a batch failed. */
  readonly reportsFailures: boolean;
  /** Whether the function is to see a record. */
  readonly wants: Matcher;
}

/** What only mappings of streams have. */
export interface StreamMapping extends Mapping {
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly bisects: boolean;
  readonly maximumRetries: number;
  readonly maximumAgeMs: number;
  readonly onFailure?: string | undefined;
}

/** How many batches of a queue without MaximumConcurrency are processed at once: Lambda begins with five. */
const DEFAULT_CONCURRENCY = 5;

/** Lambda keeps within what the stream itself forgets: 24 hours. */
const STREAM_RETENTION_MS = 24 * 3600 * 1000;

const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

const common = {
  FunctionName: z.string(),
  EventSourceArn: z.string(),
  Enabled: z.stringbool().or(z.boolean()).default(true),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  FilterCriteria: z.object({ Filters: z.array(z.object({ Pattern: z.string() })).max(5) }).optional(),
  MaximumBatchingWindowInSeconds: integer(0, 300).default(0),
};

const queueMapping = z
  .object({
    ...common,
    BatchSize: integer(1, 10_000).default(10),
    ScalingConfig: z.object({ MaximumConcurrency: integer(2, 1000).optional() }).optional(),
  })
  .refine((given) => given.BatchSize <= 10 || given.MaximumBatchingWindowInSeconds > 0, {
    message: 'a BatchSize over 10 needs a MaximumBatchingWindowInSeconds of at least 1',
  });

const streamMapping = z.object({
  ...common,
  BatchSize: integer(1, 10_000).default(100),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']),
  ParallelizationFactor: integer(1, 10).default(1),
  BisectBatchOnFunctionError: z.stringbool().or(z.boolean()).default(false),
  MaximumRetryAttempts: integer(-1, 10_000).default(-1),
  MaximumRecordAgeInSeconds: z
    .union([z.coerce.number().pipe(z.literal(-1)), integer(60, 604_800)])
    .default(-1),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.string() }).optional() }).optional(),
});

/** The enabled mappings of a stack. Throws an Error that names the mapping and what can't be done. */
export function mappingsOf(stack: Stack): { queues: Mapping[]; streams: StreamMapping[] } {
  const queues: Mapping[] = [];
  const streams: StreamMapping[] = [];
  for (const resource of stack.resources) {
    if (resource.type !== 'AWS::Lambda::EventSourceMapping') continue;
    if (String(resource.properties.Enabled) === 'false') continue;
    const source = String(resource.properties.EventSourceArn);
    if (source.startsWith('arn:aws:sqs:')) queues.push(queueMappingOf(resource, stack));
    else if (source.startsWith('arn:aws:dynamodb:')) streams.push(streamMappingOf(resource, stack));
    else throw new Error(`${resource.logicalId}: ${source} is neither a queue nor a table's stream.`);
  }
  return { queues, streams };
}

function queueMappingOf(resource: Resource, stack: Stack): Mapping {
  const given = read(queueMapping, resource);
  const lambda = functionOf(given.FunctionName, resource, stack);
  checkVisibility(given.EventSourceArn, lambda, resource, stack);
  const concurrency = given.ScalingConfig?.MaximumConcurrency ?? DEFAULT_CONCURRENCY;
  return { ...base(given, lambda, resource), concurrency };
}

function streamMappingOf(resource: Resource, stack: Stack): StreamMapping {
  const given = read(streamMapping, resource);
  const lambda = functionOf(given.FunctionName, resource, stack);
  const { MaximumRetryAttempts: retries, MaximumRecordAgeInSeconds: age } = given;
  const destination = given.DestinationConfig?.OnFailure?.Destination;
  return {
    ...base(given, lambda, resource),
    concurrency: given.ParallelizationFactor,
    startingPosition: given.StartingPosition,
    bisects: given.BisectBatchOnFunctionError,
    maximumRetries: retries < 0 ? Number.POSITIVE_INFINITY : retries,
    maximumAgeMs: age < 0 ? STREAM_RETENTION_MS : Math.min(age * 1000, STREAM_RETENTION_MS),
    onFailure: destination && checkDestination(destination, resource.logicalId),
  };
}

function base(
  given: z.output<typeof queueMapping> | z.output<typeof streamMapping>,
  lambda: Resource,
  resource: Resource,
): Omit<Mapping, 'concurrency'> {
  return {
    id: resource.physicalId,
    functionName: lambda.name,
    functionArn: lambda.arn,
    principal: functionPrincipal(lambda),
    sourceArn: given.EventSourceArn,
    batchSize: given.BatchSize,
    windowMs: given.MaximumBatchingWindowInSeconds * 1000,
    reportsFailures: given.FunctionResponseTypes.length > 0,
    wants: wantsOf(given.FilterCriteria?.Filters ?? [], resource),
  };
}

function read<Schema extends z.ZodType>(
  schema: Schema,
  { logicalId, properties }: Resource,
): z.output<Schema> {
  const parsed = schema.safeParse(properties);
  if (parsed.success) return parsed.data;
  throw new Error(`${logicalId}: ${z.prettifyError(parsed.error)}`);
}

function functionOf(reference: string, { logicalId }: Resource, stack: Stack): Resource {
  const name = functionNameOf(reference);
  const lambda = stack.resources.find((each) => each.type === 'AWS::Lambda::Function' && each.name === name);
  if (lambda) return lambda;
  throw new Error(`${logicalId}: the stack has no function ${reference}.`);
}

/** What makes a deployment fail: messages would come again while the function is still at work. */
function checkVisibility(queueArn: string, lambda: Resource, { logicalId }: Resource, stack: Stack): void {
  const queue = stack.resources.find((each) => each.type === 'AWS::SQS::Queue' && each.arn === queueArn);
  if (!queue) throw new Error(`${logicalId}: the stack has no queue ${queueArn}.`);
  const visibility = Number(queue.properties.VisibilityTimeout ?? 30);
  const timeout = Number(lambda.properties.Timeout ?? 3);
  if (visibility >= timeout) return;
  throw new Error(
    `${logicalId}: the queue's visibility timeout of ${visibility} s is less than the function's timeout of ${timeout} s.`,
  );
}

function wantsOf(filters: readonly { Pattern: string }[], { logicalId }: Resource): Matcher {
  if (filters.length === 0) return () => true;
  const patterns = filters.map(({ Pattern }) => {
    try {
      return compilePattern(JSON.parse(Pattern));
    } catch (error) {
      if (error instanceof PatternError || error instanceof SyntaxError) {
        throw new Error(`${logicalId}: the filter ${Pattern} can't be understood: ${error.message}`);
      }
      throw error;
    }
  });
  return (record) => patterns.some((fits) => fits(record));
}
