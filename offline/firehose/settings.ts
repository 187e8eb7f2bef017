import * as z from 'zod';
import type { Resource, Stack } from '../contract.ts';
import { type Prefixes, prefixesOf } from './prefix.ts';

/** A delivery stream of the stack. */
export interface DeliveryStream {
  readonly name: string;
  readonly arn: string;
  /** The bucket's name. */
  readonly bucket: string;
  readonly prefixes: Prefixes;
  /** A record waits at most so long, and so many bytes wait together, whichever is first. */
  readonly bufferMs: number;
  readonly bufferBytes: number;
  readonly gzip: boolean;
  readonly processor?: Processor | undefined;
  /** As the template gives it, with defaults. */
  readonly destination: Destination;
}

/** The function that records pass through. */
export interface Processor {
  readonly lambdaArn: string;
  /** How often a failed invocation is repeated. */
  readonly retries: number;
  /** The most bytes that one invocation is handed. */
  readonly bufferBytes: number;
}

const MIB = 1024 * 1024;

const notOffered = z.undefined('is not offered by the local Firehose').optional();
const flag = z.union([z.boolean(), z.stringbool()]);
const off = z
  .object({ Enabled: flag.pipe(z.literal(false, 'is not offered by the local Firehose')) })
  .optional();

/** API Reference, BufferingHints: defaults, ranges, and that one needs the other. */
const bufferingHints = z
  .strictObject({
    IntervalInSeconds: z.coerce.number().int().min(0).max(900),
    SizeInMBs: z.coerce.number().int().min(1).max(128),
  })
  .default({ IntervalInSeconds: 300, SizeInMBs: 5 });

/** API Reference, ProcessorParameter: defaults and ranges of a Lambda processor. */
const parameters = z.strictObject({
  LambdaArn: z.string(),
  RoleArn: z.string().optional(),
  NumberOfRetries: z.coerce.number().int().min(0).max(300).default(3),
  BufferSizeInMBs: z.coerce.number().min(0.2).max(3).default(1),
  BufferIntervalInSeconds: z.coerce.number().int().min(0).max(900).default(60),
});

const processor = z.strictObject({
  Type: z.literal('Lambda', 'expected Lambda: no other processor is offered by the local Firehose'),
  Parameters: z.preprocess(byName, parameters),
});

const destination = z.strictObject({
  BucketARN: z.string(),
  RoleARN: z.string(),
  Prefix: z.string().optional(),
  ErrorOutputPrefix: z.string().optional(),
  BufferingHints: bufferingHints,
  CompressionFormat: z.enum(['UNCOMPRESSED', 'GZIP']).default('UNCOMPRESSED'),
  ProcessingConfiguration: z
    .strictObject({
      Enabled: flag.default(false),
      Processors: z.array(processor).max(1, 'expected one processor').default([]),
    })
    .default({ Enabled: false, Processors: [] }),
  CustomTimeZone: z.literal('UTC').default('UTC'),
  EncryptionConfiguration: z
    .strictObject({ NoEncryptionConfig: z.literal('NoEncryption') })
    .default({ NoEncryptionConfig: 'NoEncryption' }),
  S3BackupMode: z.literal('Disabled').default('Disabled'),
  S3BackupConfiguration: notOffered,
  CloudWatchLoggingOptions: off,
  DataFormatConversionConfiguration: off,
  DynamicPartitioningConfiguration: off,
  FileExtension: notOffered,
});

export type Destination = z.output<typeof destination>;

/** Further destinations and sources are unknown members, and refused by their names. */
const deliveryStream = z.strictObject({
  DeliveryStreamName: z.string().optional(),
  DeliveryStreamType: z.literal('DirectPut').default('DirectPut'),
  ExtendedS3DestinationConfiguration: destination,
  Tags: z.unknown().optional(),
});

/**
 * The delivery streams that the stack declares.
 * @throws Error naming the stream, and each thing of it that would behave otherwise here than on AWS
 */
export function deliveryStreamsOf(stack: Stack): DeliveryStream[] {
  return stack.resources
    .filter(({ type }) => type === 'AWS::KinesisFirehose::DeliveryStream')
    .map((resource) => {
      try {
        return streamOf(resource, stack);
      } catch (error) {
        const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
        throw new Error(`Delivery stream ${resource.logicalId}: ${why}`);
      }
    });
}

function streamOf({ name, arn, properties }: Resource, stack: Stack): DeliveryStream {
  const given = deliveryStream.parse(properties).ExtendedS3DestinationConfiguration;
  const bucket = find(stack, 'AWS::S3::Bucket', given.BucketARN);
  return {
    name,
    arn,
    bucket: bucket.name,
    prefixes: prefixesOf(given.Prefix, given.ErrorOutputPrefix),
    bufferMs: given.BufferingHints.IntervalInSeconds * 1_000,
    bufferBytes: given.BufferingHints.SizeInMBs * MIB,
    gzip: given.CompressionFormat === 'GZIP',
    processor: processorOf(given, stack),
    destination: given,
  };
}

function processorOf({ ProcessingConfiguration, RoleARN }: Destination, stack: Stack): Processor | undefined {
  const [given] = ProcessingConfiguration.Processors;
  if (!given || !ProcessingConfiguration.Enabled) return undefined;
  const { LambdaArn, RoleArn = RoleARN, NumberOfRetries, BufferSizeInMBs } = given.Parameters;
  find(stack, 'AWS::Lambda::Function', LambdaArn);
  if (RoleArn !== RoleARN) {
    throw new Error(`the processor has ${RoleArn}: another role than the stream's is not offered`);
  }
  return { lambdaArn: LambdaArn, retries: NumberOfRetries, bufferBytes: BufferSizeInMBs * MIB };
}

function find(stack: Stack, type: string, arn: string): Resource {
  const found = stack.resources.find((resource) => resource.type === type && resource.arn === arn);
  if (found) return found;
  throw new Error(`expected an ${type} of this stack, "${arn}" came`);
}

/** `[{ParameterName, ParameterValue}, ...]` as an object. */
function byName(given: unknown): unknown {
  if (!Array.isArray(given)) return given;
  return Object.fromEntries(
    given.map(({ ParameterName, ParameterValue }) => [ParameterName, ParameterValue]),
  );
}
