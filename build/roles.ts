import type { Access, FunctionConfig, Hooks, Serverless } from './serverless.ts';

const accessSchema = {
  properties: {
    access: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          actions: {
            type: 'array',
            minItems: 1,
            items: { type: 'string', pattern: '^[a-z0-9-]+:[A-Za-z]+$' },
          },
          on: {},
          when: { type: 'object' },
        },
        required: ['actions', 'on'],
        additionalProperties: false,
      },
    },
  },
  required: ['access'],
};

/**
 * Gives each function a role of its own: writing to its log group, sending traces, reading the sources of its
 * events, and what its `access` lists. The log group is that of the function's folder: functions/api/... writes
 * to `ApiLogGroup`. The roles stand among the service's own resources, where `deploy function` looks for them.
 */
export default class Roles {
  readonly hooks: Hooks;
  private readonly serverless: Serverless;

  constructor(serverless: Serverless) {
    this.serverless = serverless;
    serverless.configSchemaHandler.defineFunctionProperties('aws', accessSchema);
    this.hooks = { initialize: () => this.giveRoles() };
  }

  private giveRoles() {
    const { service } = this.serverless;
    const aws = this.serverless.getProvider('aws');
    service.resources.Resources ??= {};
    for (const [key, config] of Object.entries(service.functions)) {
      const kind = kindOf(key, config);
      const logicalId = `${capitalized(key)}Role`;
      // IAM's names have no region in them by themselves.
      const roleName = `${service.service}-${aws.getStage()}-${kebab(logicalId)}-${aws.getRegion()}`;
      service.resources.Resources[logicalId] = role(roleName, kind, config);
      config.role = logicalId;
      config.disableLogs = true;
      config.logs = { logFormat: 'JSON', logGroup: `/${service.service}/${aws.getStage()}/${kind}` };
    }
  }
}

/** The folder below functions/ that a handler lives in: `api`, `events` or `steps`. */
function kindOf(key: string, config: FunctionConfig): string {
  const kind = /^functions\/([a-z]+)\//.exec(config.handler)?.[1];
  if (!kind) {
    throw new Error(
      `Expected the handler of function ${key} in functions/<kind>/, received ${JSON.stringify(config.handler)}`,
    );
  }
  return kind;
}

function role(roleName: string, kind: string, config: FunctionConfig) {
  const statements = [
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], {
      'Fn::GetAtt': [`${capitalized(kind)}LogGroup`, 'Arn'],
    }),
    // X-Ray has no resources to name.
    allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*'),
    ...config.events.flatMap(polling),
    ...(config.access ?? []).map(({ actions, on, when }: Access) => allow(actions, on, when)),
  ];
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: roleName,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      },
      Policies: [{ PolicyName: 'access', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    },
  };
}

/** What Lambda does to an event source in the function's name. */
function polling(event: Record<string, unknown>) {
  if (event.sqs) {
    return [allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arnOf(event.sqs))];
  }
  if (event.stream) {
    const actions = ['GetRecords', 'GetShardIterator', 'DescribeStream', 'ListStreams'];
    return [
      allow(
        actions.map((action) => `dynamodb:${action}`),
        arnOf(event.stream),
      ),
    ];
  }
  return [];
}

function arnOf(source: unknown): unknown {
  return typeof source === 'object' && source !== null && 'arn' in source ? source.arn : source;
}

function allow(actions: string[], on: unknown, when?: object) {
  return { Effect: 'Allow', Action: actions, Resource: on, ...(when && { Condition: when }) };
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function kebab(name: string): string {
  return name.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase();
}
