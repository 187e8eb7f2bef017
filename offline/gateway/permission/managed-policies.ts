/** What AWS's own policies for roles of functions allow; each is one statement on every resource. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  AWSLambdaBasicExecutionRole: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  AWSLambdaDynamoDBExecutionRole: [
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ],
  AWSLambdaSQSQueueExecutionRole: [
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ],
  AWSXRayDaemonWriteAccess: [
    'xray:PutTraceSegments',
    'xray:PutTelemetryRecords',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:GetSamplingStatisticSummaries',
  ],
};

/**
 * The document of a policy that AWS manages, undefined for one that isn't known here.
 * Source: AWS Managed Policy Reference Guide.
 */
export function managedPolicy(arn: string): object | undefined {
  const name = /^arn:aws:iam::aws:policy\/(?:service-role\/)?(\w+)$/.exec(arn)?.[1] ?? '';
  const Action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  return Action && { Version: '2012-10-17', Statement: { Effect: 'Allow', Action, Resource: '*' } };
}
