import { createHash } from 'node:crypto';
import { streamArnOf } from '../dynamodb/stream-arn.ts';
import { trackingIdOf } from '../personalize/tracking-id.ts';

/** Where a stack lives: what ARNs, URLs and generated names are made of. */
export interface Place {
  readonly stackName: string;
  readonly region: string;
  readonly account: string;
  /** The gateway's address; queue URLs begin with it. */
  readonly endpoint: string;
}

/** A resource that CloudFormation has just created. */
export interface Created {
  readonly name: string;
  readonly physicalId: string;
  /** Empty where the type has no ARN. */
  readonly arn: string;
  /** What `Fn::GetAtt` may ask for. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** One property of the resource, resolved; undefined where it isn't given. */
export type PropertyReader = (name: string) => string | undefined;

/**
 * What CloudFormation's `Ref` and `Fn::GetAtt` give for a resource, as the resource reference of each type
 * documents it. Names that AWS would generate are derived from stack and logical id, so that they are the
 * same at every start.
 */
export function create(type: string, logicalId: string, property: PropertyReader, place: Place): Created {
  const kind = kinds[type];
  if (kind) return kind({ logicalId, property, place });
  const name = generated({ logicalId, property, place });
  return { name, physicalId: name, arn: '', attributes: {} };
}

interface Subject {
  readonly logicalId: string;
  readonly property: PropertyReader;
  readonly place: Place;
}

type Kind = (subject: Subject) => Created;

const lowerAlphanumeric = 'abcdefghijklmnopqrstuvwxyz0123456789';
const alphanumeric = `${lowerAlphanumeric}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;

const kinds: Readonly<Record<string, Kind>> = {
  'AWS::S3::Bucket': (subject) => {
    const name = subject.property('BucketName') ?? generated(subject).toLowerCase().slice(0, 63);
    const { region } = subject.place;
    return created(name, name, `arn:aws:s3:::${name}`, {
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
      WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
    });
  },
  'AWS::SQS::Queue': (subject) => {
    const suffix = subject.property('FifoQueue') === 'true' ? '.fifo' : '';
    const name = subject.property('QueueName') ?? generated(subject) + suffix;
    const url = `${subject.place.endpoint}/${subject.place.account}/${name}`;
    return created(name, url, arn(subject, 'sqs', name), { QueueName: name, QueueUrl: url });
  },
  'AWS::SNS::Topic': (subject) => {
    const suffix = subject.property('FifoTopic') === 'true' ? '.fifo' : '';
    const name = subject.property('TopicName') ?? generated(subject) + suffix;
    const topicArn = arn(subject, 'sns', name);
    return created(name, topicArn, topicArn, { TopicName: name, TopicArn: topicArn });
  },
  'AWS::SNS::Subscription': (subject) => {
    const subscriptionArn = `${subject.property('TopicArn')}:${uuid(subject)}`;
    return created(subscriptionArn, subscriptionArn, subscriptionArn, {});
  },
  'AWS::DynamoDB::Table': (subject) => {
    const name = subject.property('TableName') ?? generated(subject);
    const tableArn = arn(subject, 'dynamodb', `table/${name}`);
    return created(name, name, tableArn, { StreamArn: streamArnOf(tableArn), TableId: uuid(subject) });
  },
  'AWS::Lambda::Function': (subject) => {
    const name = subject.property('FunctionName') ?? generated(subject);
    return created(name, name, arn(subject, 'lambda', `function:${name}`), {});
  },
  'AWS::Lambda::Version': (subject) => {
    const name = (subject.property('FunctionName') ?? '').split(':').at(-1) as string;
    const versionArn = arn(subject, 'lambda', `function:${name}:1`);
    return created(name, versionArn, versionArn, { Version: '1', FunctionArn: versionArn });
  },
  'AWS::Lambda::EventSourceMapping': (subject) => {
    const id = uuid(subject);
    const mappingArn = arn(subject, 'lambda', `event-source-mapping:${id}`);
    return created(id, id, mappingArn, { Id: id, EventSourceMappingArn: mappingArn });
  },
  'AWS::IAM::Role': (subject) => {
    const name = subject.property('RoleName') ?? generated(subject).slice(0, 64);
    const path = subject.property('Path') ?? '/';
    const roleArn = `arn:aws:iam::${subject.place.account}:role${path}${name}`;
    return created(name, name, roleArn, { RoleId: `AROA${token(subject, 17, alphanumeric).toUpperCase()}` });
  },
  'AWS::IAM::ManagedPolicy': (subject) => {
    const name = subject.property('ManagedPolicyName') ?? generated(subject);
    const policyArn = `arn:aws:iam::${subject.place.account}:policy/${name}`;
    return created(name, policyArn, policyArn, { PolicyArn: policyArn });
  },
  'AWS::Logs::LogGroup': (subject) => {
    const name = subject.property('LogGroupName') ?? generated(subject);
    return created(name, name, arn(subject, 'logs', `log-group:${name}:*`), {});
  },
  'AWS::Cognito::UserPool': (subject) => {
    const { region } = subject.place;
    const id = `${region}_${token(subject, 9, alphanumeric)}`;
    const provider = `cognito-idp.${region}.amazonaws.com/${id}`;
    return created(
      subject.property('UserPoolName') ?? id,
      id,
      arn(subject, 'cognito-idp', `userpool/${id}`),
      {
        UserPoolId: id,
        ProviderName: provider,
        // The issuer of the pool's tokens, where its keys are fetched from.
        ProviderURL: `${subject.place.endpoint}/${id}`,
      },
    );
  },
  'AWS::Cognito::UserPoolClient': (subject) => {
    const id = token(subject, 26, lowerAlphanumeric);
    return created(subject.property('ClientName') ?? id, id, '', { ClientId: id, Name: id });
  },
  'AWS::SecretsManager::Secret': (subject) => {
    const name = subject.property('Name') ?? generated(subject);
    const secretArn = arn(subject, 'secretsmanager', `secret:${name}-${token(subject, 6, alphanumeric)}`);
    return created(name, secretArn, secretArn, { Id: secretArn });
  },
  'AWS::SSM::Parameter': (subject) => {
    const name = subject.property('Name') ?? generated(subject);
    const path = name.startsWith('/') ? name : `/${name}`;
    return created(name, name, arn(subject, 'ssm', `parameter${path}`), {
      Type: subject.property('Type') ?? 'String',
      Value: subject.property('Value') ?? '',
    });
  },
  'AWS::Events::Rule': (subject) => {
    const name = subject.property('Name') ?? generated(subject);
    return created(name, name, arn(subject, 'events', `rule/${name}`), {});
  },
  'AWS::Scheduler::Schedule': (subject) => {
    const name = subject.property('Name') ?? generated(subject);
    const group = subject.property('GroupName') ?? 'default';
    return created(name, name, arn(subject, 'scheduler', `schedule/${group}/${name}`), {});
  },
  'AWS::StepFunctions::StateMachine': (subject) => {
    const name = subject.property('StateMachineName') ?? generated(subject);
    const machineArn = arn(subject, 'states', `stateMachine:${name}`);
    return created(name, machineArn, machineArn, { Name: name });
  },
  'AWS::KinesisFirehose::DeliveryStream': (subject) => {
    const name = subject.property('DeliveryStreamName') ?? generated(subject);
    return created(name, name, arn(subject, 'firehose', `deliverystream/${name}`), {});
  },
  'AWS::Personalize::DatasetGroup': (subject) => personalized(subject, 'DatasetGroup', 'dataset-group'),
  'AWS::Personalize::Schema': (subject) => personalized(subject, 'Schema', 'schema'),
  'AWS::Personalize::Solution': (subject) => personalized(subject, 'Solution', 'solution'),
  'AWS::Personalize::MetricAttribution': (subject) =>
    personalized(subject, 'MetricAttribution', 'metric-attribution'),
  'AWS::Personalize::Dataset': (subject) => {
    const group = (subject.property('DatasetGroupArn') ?? '').split('/').at(-1);
    const type = (subject.property('DatasetType') ?? '').toUpperCase();
    const datasetArn = arn(subject, 'personalize', `dataset/${group}/${type}`);
    return created(subject.property('Name') ?? generated(subject), datasetArn, datasetArn, {
      DatasetArn: datasetArn,
    });
  },
  'AWS::Personalize::EventTracker': (subject) => {
    const trackerArn = arn(subject, 'personalize', `event-tracker/${uuid(subject).slice(0, 8)}`);
    return created(subject.property('Name') ?? generated(subject), trackerArn, trackerArn, {
      EventTrackerArn: trackerArn,
      TrackingId: trackingIdOf(trackerArn),
    });
  },
  'AWS::CloudWatch::Alarm': (subject) => {
    const name = subject.property('AlarmName') ?? generated(subject);
    return created(name, name, arn(subject, 'cloudwatch', `alarm:${name}`), {});
  },
  'AWS::KMS::Key': (subject) => {
    const id = uuid(subject);
    return created(id, id, arn(subject, 'kms', `key/${id}`), { KeyId: id });
  },
  'AWS::ApiGatewayV2::Api': (subject) => {
    const id = token(subject, 10, lowerAlphanumeric);
    const { region } = subject.place;
    return created(subject.property('Name') ?? id, id, `arn:aws:apigateway:${region}::/apis/${id}`, {
      ApiId: id,
      ApiEndpoint: `https://${id}.execute-api.${region}.amazonaws.com`,
    });
  },
  'AWS::ApiGatewayV2::Stage': (subject) => {
    const name = subject.property('StageName') ?? '$default';
    return created(name, name, '', {});
  },
  'AWS::ApiGatewayV2::Authorizer': (subject) => {
    const id = token(subject, 6, lowerAlphanumeric);
    return created(subject.property('Name') ?? id, id, '', { AuthorizerId: id });
  },
  'AWS::ApiGatewayV2::Integration': (subject) => identified(subject, 'IntegrationId'),
  'AWS::ApiGatewayV2::Route': (subject) => identified(subject, 'RouteId'),
};

function identified(subject: Subject, attribute: string): Created {
  const id = token(subject, 7, lowerAlphanumeric);
  return created(id, id, '', { [attribute]: id });
}

/** What Personalize knows by its name. */
function personalized(subject: Subject, noun: string, kind: string): Created {
  const name = subject.property('Name') ?? generated(subject);
  const resourceArn = arn(subject, 'personalize', `${kind}/${name}`);
  return created(name, resourceArn, resourceArn, { [`${noun}Arn`]: resourceArn });
}

function created(
  name: string,
  physicalId: string,
  resourceArn: string,
  attributes: Record<string, string>,
): Created {
  const own = resourceArn ? { Arn: resourceArn, ...attributes } : attributes;
  return { name, physicalId, arn: resourceArn, attributes: own };
}

function arn(subject: Subject, service: string, resource: string): string {
  return `arn:aws:${service}:${subject.place.region}:${subject.place.account}:${resource}`;
}

/** CloudFormation's own form of a generated name. */
function generated(subject: Subject): string {
  const suffix = token(subject, 12, lowerAlphanumeric).toUpperCase();
  return `${subject.place.stackName}-${subject.logicalId}-${suffix}`;
}

function uuid(subject: Subject): string {
  const hex = digest(subject).toString('hex');
  const groups = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`];
  return [...groups, hex.slice(20, 32)].join('-');
}

function token(subject: Subject, length: number, alphabet: string): string {
  return Array.from(digest(subject).subarray(0, length), (byte) => alphabet[byte % alphabet.length]).join('');
}

function digest({ logicalId, place }: Subject): Buffer {
  return createHash('sha256')
    .update(`${place.account}/${place.region}/${place.stackName}/${logicalId}`)
    .digest();
}
