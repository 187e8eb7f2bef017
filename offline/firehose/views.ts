import { VERSION } from './objects.ts';
import type { DeliveryStream } from './settings.ts';

/** A stream as DescribeDeliveryStream tells of it. */
export function describedStream({ name, arn, processor, destination }: DeliveryStream) {
  const { BucketARN, RoleARN, Prefix, ErrorOutputPrefix, BufferingHints, CompressionFormat } = destination;
  const S3DestinationDescription = {
    ...{ BucketARN, RoleARN, Prefix, ErrorOutputPrefix, BufferingHints, CompressionFormat },
    EncryptionConfiguration: destination.EncryptionConfiguration,
    CloudWatchLoggingOptions: { Enabled: false },
  };
  return {
    DeliveryStreamName: name,
    DeliveryStreamARN: arn,
    DeliveryStreamStatus: 'ACTIVE',
    DeliveryStreamEncryptionConfiguration: { Status: 'DISABLED' },
    DeliveryStreamType: 'DirectPut',
    VersionId: VERSION,
    Destinations: [
      {
        DestinationId: 'destinationId-000000000001',
        S3DestinationDescription,
        ExtendedS3DestinationDescription: {
          ...S3DestinationDescription,
          S3BackupMode: 'Disabled',
          CustomTimeZone: destination.CustomTimeZone,
          ProcessingConfiguration: {
            Enabled: processor !== undefined,
            Processors: destination.ProcessingConfiguration.Processors.map(({ Type, Parameters }) => ({
              Type,
              Parameters: Object.entries(Parameters).map(([ParameterName, value]) => ({
                ParameterName,
                ParameterValue: String(value),
              })),
            })),
          },
        },
      },
    ],
    HasMoreDestinations: false,
  };
}
