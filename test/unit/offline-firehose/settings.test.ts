import { expect, test } from 'vitest';
import { deliveryStreamsOf } from '../../../offline/firehose/settings.ts';
import { stackOf } from '../../support/stack.ts';

const place = { region: 'eu-west-1', account: '000000000000', endpoint: 'http://127.0.0.1:4566' };
const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const parameter = (ParameterName: string, ParameterValue: unknown) => ({ ParameterName, ParameterValue });

const read = (destination: object, more: object = {}) => {
  const ExtendedS3DestinationConfiguration = {
    BucketARN: arnOf('Clicks'),
    RoleARN: arnOf('Role'),
    ...destination,
  };
  const stack = stackOf(place, {
    Clicks: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'clicks' } },
    Shape: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'shape' } },
    Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'role' } },
    Other: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'other' } },
    Stream: {
      Type: 'AWS::KinesisFirehose::DeliveryStream',
      Properties: { DeliveryStreamName: 'clicks', ExtendedS3DestinationConfiguration, ...more },
    },
  });
  return deliveryStreamsOf(stack)[0];
};
const processing = (...parameters: object[]) => ({
  ProcessingConfiguration: {
    Enabled: true,
    Processors: [{ Type: 'Lambda', Parameters: [parameter('LambdaArn', arnOf('Shape')), ...parameters] }],
  },
});

test('a stream has the defaults of AWS', () => {
  expect(read({})).toMatchObject({
    name: 'clicks',
    bucket: 'clicks',
    bufferMs: 300_000,
    bufferBytes: 5 * 1024 * 1024,
    gzip: false,
    processor: undefined,
  });
  expect(read(processing())).toMatchObject({
    processor: {
      lambdaArn: 'arn:aws:lambda:eu-west-1:000000000000:function:shape',
      retries: 3,
      bufferBytes: 1024 * 1024,
    },
  });
});

test('a processor that is not enabled is none', () => {
  const { ProcessingConfiguration } = processing();
  expect(read({ ProcessingConfiguration: { ...ProcessingConfiguration, Enabled: false } })).toMatchObject({
    processor: undefined,
  });
});

test('what is turned off may be said', () => {
  const off = { Enabled: false };
  const stream = read(
    {
      CloudWatchLoggingOptions: off,
      DataFormatConversionConfiguration: off,
      DynamicPartitioningConfiguration: { Enabled: 'false' },
      S3BackupMode: 'Disabled',
      CustomTimeZone: 'UTC',
      EncryptionConfiguration: { NoEncryptionConfig: 'NoEncryption' },
    },
    { DeliveryStreamType: 'DirectPut', Tags: [{ Key: 'a', Value: 'b' }] },
  );
  expect(stream?.name).toBe('clicks');
});

const on = { Enabled: true };
const lambda = (more: object) => ({
  Type: 'Lambda',
  Parameters: [parameter('LambdaArn', arnOf('Shape'))],
  ...more,
});

test.each<[string, object, object, string]>([
  [
    'a Kinesis stream as the source',
    {},
    { DeliveryStreamType: 'KinesisStreamAsSource' },
    'DeliveryStreamType',
  ],
  ['its configuration', {}, { KinesisStreamSourceConfiguration: {} }, 'KinesisStreamSourceConfiguration'],
  [
    'a key of its own',
    {},
    { DeliveryStreamEncryptionConfigurationInput: {} },
    'DeliveryStreamEncryptionConfigurationInput',
  ],
  ['another destination', {}, { RedshiftDestinationConfiguration: {} }, 'RedshiftDestinationConfiguration'],
  ['the old S3 destination', {}, { S3DestinationConfiguration: {} }, 'S3DestinationConfiguration'],
  ['dynamic partitioning', { DynamicPartitioningConfiguration: on }, {}, 'DynamicPartitioningConfiguration'],
  ['format conversion', { DataFormatConversionConfiguration: on }, {}, 'DataFormatConversionConfiguration'],
  ['logs', { CloudWatchLoggingOptions: on }, {}, 'CloudWatchLoggingOptions'],
  ['backup', { S3BackupMode: 'Enabled' }, {}, 'S3BackupMode'],
  ['where the backup goes', { S3BackupConfiguration: {} }, {}, 'S3BackupConfiguration'],
  ['KMS', { EncryptionConfiguration: { KMSEncryptionConfig: {} } }, {}, 'EncryptionConfiguration'],
  ['another compression', { CompressionFormat: 'Snappy' }, {}, 'CompressionFormat'],
  ['another time zone', { CustomTimeZone: 'Asia/Tokyo' }, {}, 'CustomTimeZone'],
  ['a file extension', { FileExtension: '.json' }, {}, 'FileExtension'],
  ['half of the hints', { BufferingHints: { SizeInMBs: 5 } }, {}, 'IntervalInSeconds'],
  [
    'too long an interval',
    { BufferingHints: { IntervalInSeconds: 901, SizeInMBs: 5 } },
    {},
    'IntervalInSeconds',
  ],
  ['too large a buffer', { BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 129 } }, {}, 'SizeInMBs'],
  [
    'a bucket from elsewhere',
    { BucketARN: 'arn:aws:s3:::other' },
    {},
    'expected an AWS::S3::Bucket of this stack',
  ],
  ['a prefix that means nothing', { Prefix: '!{a}' }, {}, 'expected !{namespace:value}'],
  [
    'another processor',
    { ProcessingConfiguration: { Enabled: true, Processors: [lambda({ Type: 'AppendDelimiterToRecord' })] } },
    {},
    'no other processor is offered',
  ],
  [
    'two processors',
    { ProcessingConfiguration: { Enabled: true, Processors: [lambda({}), lambda({})] } },
    {},
    'expected one processor',
  ],
  ['another parameter', processing(parameter('Delimiter', 'x')), {}, 'Delimiter'],
  ['too many retries', processing(parameter('NumberOfRetries', '301')), {}, 'NumberOfRetries'],
  ['too large a batch', processing(parameter('BufferSizeInMBs', '3.1')), {}, 'BufferSizeInMBs'],
  ['too small a batch', processing(parameter('BufferSizeInMBs', '0.1')), {}, 'BufferSizeInMBs'],
  ['another role', processing(parameter('RoleArn', arnOf('Other'))), {}, "another role than the stream's"],
  [
    'a function from elsewhere',
    processing(parameter('LambdaArn', 'arn:aws:lambda:eu-west-1:000000000000:function:other')),
    {},
    'expected an AWS::Lambda::Function of this stack',
  ],
])('%s is refused by name', (_, destination, more, named) => {
  expect(() => read(destination, more)).toThrow(named);
  expect(() => read(destination, more)).toThrow(/^Delivery stream Stream: /);
});
