import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveStack } from '../../../offline/template/resolve.ts';
import type { Template } from '../../../offline/template/template.ts';

const settings = {
  stackName: 'fixture-local',
  region: 'eu-west-1',
  account: '000000000000',
  endpoint: 'http://127.0.0.1:4566',
};

/** What `value` becomes as a property of a resource. */
function resolved(value: unknown, template: Partial<Template> = {}, parameters?: Record<string, string>) {
  const Resources = { ...template.Resources, Probe: { Type: 'Custom::Probe', Properties: { value } } };
  const stack = resolveStack({ ...template, Resources }, { ...settings, ...(parameters && { parameters }) });
  return stack.resources.find(({ logicalId }) => logicalId === 'Probe')?.properties.value;
}

const resources: Template['Resources'] = {
  Media: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { 'Fn::Sub': `media-\${AWS::AccountId}` } } },
  Uploads: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'uploads' } },
  Ordered: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
  Activity: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'activity' } },
  Table: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'table' } },
  Photos: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'photos' } },
  Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'role', Path: '/app/' } },
  Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/app/api' } },
  Pool: { Type: 'AWS::Cognito::UserPool' },
  Client: { Type: 'AWS::Cognito::UserPoolClient' },
  Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'cursor' } },
  Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api' } },
  Stage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { StageName: '$default' } },
};

describe('Ref and GetAtt', () => {
  const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:000000000000:${rest}`;
  it.each([
    ['Media', undefined, 'media-000000000000'],
    ['Media', 'Arn', 'arn:aws:s3:::media-000000000000'],
    ['Media', 'RegionalDomainName', 'media-000000000000.s3.eu-west-1.amazonaws.com'],
    ['Uploads', undefined, 'http://127.0.0.1:4566/000000000000/uploads'],
    ['Uploads', 'Arn', arn('sqs', 'uploads')],
    ['Uploads', 'QueueName', 'uploads'],
    ['Ordered', 'QueueName', expect.stringMatching(/^fixture-local-Ordered-[A-Z0-9]{12}\.fifo$/)],
    ['Activity', undefined, arn('sns', 'activity')],
    ['Activity', 'TopicName', 'activity'],
    ['Table', undefined, 'table'],
    ['Table', 'Arn', arn('dynamodb', 'table/table')],
    ['Table', 'StreamArn', expect.stringContaining(arn('dynamodb', 'table/table/stream/'))],
    ['Photos', undefined, 'photos'],
    ['Photos', 'Arn', arn('lambda', 'function:photos')],
    ['Role', 'Arn', 'arn:aws:iam::000000000000:role/app/role'],
    ['Logs', 'Arn', arn('logs', 'log-group:/app/api:*')],
    ['Pool', undefined, expect.stringMatching(/^eu-west-1_[A-Za-z0-9]{9}$/)],
    ['Pool', 'ProviderName', expect.stringMatching(/^cognito-idp\.eu-west-1\.amazonaws\.com\/eu-west-1_/)],
    ['Pool', 'ProviderURL', expect.stringMatching(/^http:\/\/127\.0\.0\.1:4566\/eu-west-1_/)],
    ['Client', undefined, expect.stringMatching(/^[a-z0-9]{26}$/)],
    ['Secret', undefined, expect.stringMatching(/^arn:aws:secretsmanager:eu-west-1:0+:secret:cursor-\w{6}$/)],
    ['Api', undefined, expect.stringMatching(/^[a-z0-9]{10}$/)],
    ['Stage', undefined, '$default'],
  ])('%s %s', (logicalId, attribute, expected) => {
    const reference = attribute ? { 'Fn::GetAtt': [logicalId, attribute] } : { Ref: logicalId };
    expect(resolved(reference, { Resources: resources })).toEqual(expected);
    const short = attribute ? `\${${logicalId}.${attribute}}` : `\${${logicalId}}`;
    expect(resolved({ 'Fn::Sub': short }, { Resources: resources })).toEqual(expected);
  });

  it('gives the same names at every start, and others to another stack', () => {
    const ids = (stackName: string) =>
      resolveStack({ Resources: resources }, { ...settings, stackName }).resources.map(
        ({ physicalId }) => physicalId,
      );
    expect(ids('one')).toEqual(ids('one'));
    expect(ids('one')[8]).not.toBe(ids('two')[8]);
  });
});

describe('intrinsic functions', () => {
  const template: Partial<Template> = {
    Resources: resources,
    Parameters: {
      Size: { Type: 'String', Default: 'small', AllowedValues: ['small', 'large'] },
      Origins: { Type: 'CommaDelimitedList', Default: 'https://a.example, https://b.example' },
    },
    Mappings: { Sizes: { small: { memory: 128 }, large: { memory: 1024 } } },
    Conditions: {
      Large: { 'Fn::Equals': [{ Ref: 'Size' }, 'large'] },
      Small: { 'Fn::Not': [{ Condition: 'Large' }] },
      Both: { 'Fn::And': [{ Condition: 'Large' }, { Condition: 'Small' }] },
      Either: { 'Fn::Or': [{ Condition: 'Large' }, { Condition: 'Small' }] },
    },
  };
  it.each([
    [{ Ref: 'AWS::Region' }, 'eu-west-1'],
    [{ Ref: 'AWS::StackName' }, 'fixture-local'],
    [{ Ref: 'Origins' }, ['https://a.example', 'https://b.example']],
    [
      { 'Fn::Sub': [`\${Name}/\${!Name}/\${AWS::Partition}`, { Name: { Ref: 'Size' } }] },
      `small/\${Name}/aws`,
    ],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'Size' }, 1]] }, 'a-small-1'],
    [{ 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    [{ 'Fn::Select': [0, { Ref: 'Origins' }] }, 'https://a.example'],
    [{ 'Fn::FindInMap': ['Sizes', { Ref: 'Size' }, 'memory'] }, 128],
    [{ 'Fn::If': ['Large', 'yes', { 'Fn::If': ['Either', 'no', 'never'] }] }, 'no'],
    [{ 'Fn::If': ['Both', { Ref: 'Nowhere' }, 'the other branch is not looked at'] }, expect.any(String)],
    [{ kept: 1, dropped: { Ref: 'AWS::NoValue' } }, { kept: 1 }],
    [
      [1, { 'Fn::If': ['Large', 2, { Ref: 'AWS::NoValue' }] }, 3],
      [1, 3],
    ],
    [{ 'Fn::Base64': 'text' }, 'dGV4dA=='],
    [{ 'Fn::GetAtt': 'Table.Arn' }, 'arn:aws:dynamodb:eu-west-1:000000000000:table/table'],
  ])('%j', (value, expected) => {
    expect(resolved(value, template)).toEqual(expected);
  });

  it('takes given parameters before defaults', () => {
    const value = { 'Fn::If': ['Large', 'large', 'small'] };
    expect(resolved(value, template, { Size: 'large' })).toBe('large');
  });

  it('leaves what holds no function as it is', () => {
    const plain = fc.jsonValue().filter((value) => !/"(Ref|Condition|Fn::)/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(plain, (value) => {
        expect(resolved(value)).toEqual(value);
      }),
    );
  });

  it('joins what it splits', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (text, separator) => {
        const split = { 'Fn::Split': [separator, text] };
        expect(resolved({ 'Fn::Join': [separator, split] })).toBe(text);
      }),
    );
  });

  it('leaves out resources whose condition is false', () => {
    const Resources = {
      Yes: { Type: 'Custom::A', Condition: 'Small', DependsOn: 'No' },
      No: { Type: 'Custom::A', Condition: 'Large' },
    };
    const stack = resolveStack({ ...template, Resources }, settings);
    expect(stack.resources.map(({ logicalId }) => logicalId)).toEqual(['Yes']);
  });
});

describe('what cannot be resolved is named with its place', () => {
  const inProbe = /^Resources\.Probe\.Properties\.value/;
  it.each<[unknown, RegExp]>([
    [{ deep: [{ Ref: 'Nowhere' }] }, /\.value\.deep\.0\.Ref: there is no resource or parameter Nowhere/],
    [{ 'Fn::Sub': `\${Nowhere.Arn}` }, /there is no resource or parameter Nowhere/],
    [{ 'Fn::GetAtt': ['Table', 'Colour'] }, /AWS::DynamoDB::Table Table has no attribute Colour/],
    [{ 'Fn::ImportValue': 'other-stack-vpc' }, /imports "other-stack-vpc" from another stack/],
    [{ 'Fn::If': ['Nobody', 1, 2] }, /there is no condition Nobody/],
    [{ 'Fn::FindInMap': ['a', 'b', 'c'] }, /there is no a\.b\.c in Mappings/],
    [{ 'Fn::Select': [3, ['a']] }, /expected an index below 1, received 3/],
    [{ 'Fn::Join': ['-', 'text'] }, /expected a list, received "text"/],
    [{ 'Fn::Transform': {} }, /Fn::Transform is not supported/],
    [{ Ref: 'Dropped' }, /Dropped is left out because Never is false/],
  ])('%j', (value, message) => {
    const template = {
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      Resources: { ...resources, Dropped: { Type: 'AWS::SQS::Queue', Condition: 'Never' } },
    };
    expect(() => resolved(value, template)).toThrow(message);
    expect(() => resolved(value, template)).toThrow(inProbe);
  });

  it('names a resource that refers to itself', () => {
    const Resources = { Loop: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { Ref: 'Loop' } } } };
    expect(() => resolveStack({ Resources }, settings)).toThrow('Resources.Loop: refers to itself');
  });

  it('names parameters without a value or with one that is not allowed', () => {
    const Parameters = { Size: { Type: 'String', AllowedValues: ['small'] } };
    expect(() => resolved({ Ref: 'Size' }, { Parameters })).toThrow('Parameters.Size: has no default');
    expect(() => resolved({ Ref: 'Size' }, { Parameters }, { Size: 'huge' })).toThrow(
      'Parameters.Size: expected one of small, received "huge"',
    );
  });
});
