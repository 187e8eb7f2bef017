import type { Need, Principal, Resource, Stack } from '../../contract.ts';
import { httpApiOf } from '../../http/api.ts';
import { functionsOf } from '../../lambda/function.ts';
import { functionNameOf, functionPrincipal } from '../../lambda/principal.ts';

/** What AWS does by itself because of the template, and needs a right for that no recorded call shows. */
export interface ImpliedNeed {
  readonly principal: Principal;
  readonly need: Need;
  /** For people: `its event source mapping`. */
  readonly why: string;
  /** What AWS asks for, where conditions look at it. */
  readonly input?: Members;
}

type Members = Readonly<Record<string, unknown>>;

/** What Lambda does to sources of events in a function's name. */
const POLLING: Readonly<Record<string, readonly string[]>> = {
  sqs: ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'],
  dynamodb: ['GetRecords', 'GetShardIterator', 'DescribeStream', 'ListStreams'],
};

/**
 * The rights that a deployment needs without any call of the product: functions write their logs and traces,
 * mappings read their sources and send away what failed, APIs wake functions, buckets notify queues. Without
 * them CloudFormation refuses the stack, or AWS drops in silence what it was to do.
 */
export function impliedNeeds(stack: Stack, region: string, account: string): ImpliedNeed[] {
  return [
    ...stack.resources.flatMap((resource) => needsOf(resource, stack)),
    ...logging(stack, region, account),
    ...routing(stack, region, account),
  ];
}

function needsOf(resource: Resource, stack: Stack): ImpliedNeed[] {
  switch (resource.type) {
    case 'AWS::Lambda::Function':
      return tracing(resource);
    case 'AWS::Lambda::EventSourceMapping':
      return polling(resource, stack);
    case 'AWS::S3::Bucket':
      return notifying(resource);
    case 'AWS::StepFunctions::StateMachine':
      return watching(resource);
    case 'AWS::Personalize::MetricAttribution':
      return measuring(resource);
    default:
      return [];
  }
}

function logging(stack: Stack, region: string, account: string): ImpliedNeed[] {
  return functionsOf(stack).flatMap((lambda) =>
    ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({
      principal: functionPrincipal(lambda),
      need: {
        action,
        resource: `arn:aws:logs:${region}:${account}:log-group:${lambda.logGroup}:log-stream:any`,
      },
      why: 'its logs',
    })),
  );
}

const TRACING = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

function tracing(resource: Resource): ImpliedNeed[] {
  if ((resource.properties.TracingConfig as Members | undefined)?.Mode !== 'Active') return [];
  return TRACING.map((action) => ({
    principal: functionPrincipal(resource),
    need: { action, resource: '*' },
    why: 'its traces',
  }));
}

function polling({ properties }: Resource, stack: Stack): ImpliedNeed[] {
  const name = functionNameOf(String(properties.FunctionName));
  const lambda = stack.resources.find((each) => isFunction(each.type) && each.name === name);
  if (!lambda) return [];
  const principal = functionPrincipal(lambda);
  const source = String(properties.EventSourceArn);
  const service = source.split(':')[2] ?? '';
  const onFailure = (properties.DestinationConfig as { OnFailure?: Members } | undefined)?.OnFailure;
  return [
    ...(POLLING[service] ?? []).map((action) => ({
      principal,
      need: { action: `${service}:${action}`, resource: source },
      why: 'its event source mapping',
    })),
    ...sending(String(onFailure?.Destination ?? '')).map((need) => ({
      principal,
      need,
      why: 'the failure destination of its event source mapping',
    })),
  ];
}

function sending(destination: string): Need[] {
  switch (destination.split(':')[2]) {
    case 'sqs':
      return [{ action: 'sqs:SendMessage', resource: destination }];
    case 'sns':
      return [{ action: 'sns:Publish', resource: destination }];
    case 's3':
      return [
        { action: 's3:PutObject', resource: `${destination}/aws/lambda/any` },
        { action: 's3:ListBucket', resource: destination },
      ];
    default:
      return [];
  }
}

function notifying({ arn, properties }: Resource): ImpliedNeed[] {
  const { QueueConfigurations } = (properties.NotificationConfiguration ?? {}) as {
    QueueConfigurations?: readonly { Queue: string }[];
  };
  return (QueueConfigurations ?? []).map(({ Queue }) => ({
    principal: { kind: 'service', name: 's3.amazonaws.com', sourceArn: arn },
    need: { action: 'sqs:SendMessage', resource: Queue },
    why: 'the notifications of the bucket',
  }));
}

/** Step Functions Developer Guide, "Using CloudWatch Logs to log execution history". */
const LOG_DELIVERY = [
  'CreateLogDelivery',
  'GetLogDelivery',
  'UpdateLogDelivery',
  'DeleteLogDelivery',
  'ListLogDeliveries',
  'PutResourcePolicy',
  'DescribeResourcePolicies',
  'DescribeLogGroups',
].map((action) => `logs:${action}`);

/** A machine writes its traces and logs in its own role. */
function watching({ arn, properties }: Resource): ImpliedNeed[] {
  const { Enabled } = (properties.TracingConfiguration ?? {}) as Members;
  const { Level = 'OFF' } = (properties.LoggingConfiguration ?? {}) as Members;
  const needed = (actions: readonly string[], why: string): ImpliedNeed[] =>
    actions.map((action) => ({
      principal: { kind: 'service', name: 'states.amazonaws.com', sourceArn: arn },
      need: { action, resource: '*' },
      why,
    }));
  return [
    ...(String(Enabled) === 'true' ? needed(TRACING, 'its traces') : []),
    ...(Level === 'OFF' ? [] : needed(LOG_DELIVERY, 'its logs')),
  ];
}

/** Personalize Developer Guide, "Giving Amazon Personalize access to CloudWatch". */
function measuring({ properties }: Resource): ImpliedNeed[] {
  const { RoleArn } = properties.MetricsOutputConfig as Members;
  return [
    {
      principal: { kind: 'service', name: 'personalize.amazonaws.com', sourceArn: String(RoleArn) },
      need: { action: 'cloudwatch:PutMetricData', resource: '*' },
      why: 'its metrics',
      input: { Namespace: 'AWS/Personalize' },
    },
  ];
}

/** An API calls each function from the routes that lead to it. */
function routing(stack: Stack, region: string, account: string): ImpliedNeed[] {
  const api = httpApiOf(stack, region, account);
  const stage = stack.resources.find(({ type }) => type === 'AWS::ApiGatewayV2::Stage')?.name ?? '$default';
  return (api?.routes ?? []).flatMap(({ functionName, method, segments }) => {
    const lambda = stack.resources.find(({ type, name }) => isFunction(type) && name === functionName);
    if (!api || !lambda) return [];
    const route = segments ? `${method}/${segments.join('/')}` : '$default';
    const sourceArn = `arn:aws:execute-api:${region}:${account}:${api.id}/${stage}/${route}`;
    return {
      principal: { kind: 'service', name: 'apigateway.amazonaws.com', sourceArn },
      need: { action: 'lambda:InvokeFunction', resource: lambda.arn },
      why: 'the routes of the API',
    };
  });
}

function isFunction(type: string): boolean {
  return type === 'AWS::Lambda::Function';
}
