import * as z from 'zod';
import type { Resource, Stack } from '../../contract.ts';
import { functionNameOf } from '../../lambda/principal.ts';
import { queueNameOf } from '../../sqs/names.ts';
import { PolicyError } from './errors.ts';
import { compilePolicy, type Statement } from './statement.ts';

/** Statements about resources, by the ARN of the resource. */
export type ResourcePolicies = ReadonlyMap<string, readonly Statement[]>;

interface PolicyOf {
  /** The ARNs of what the policy is for. */
  readonly arns: readonly string[];
  readonly document: unknown;
}

type Reader = (resource: Resource, stack: Stack) => PolicyOf;

const permission = z.strictObject({
  FunctionName: z.string(),
  Action: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: z.string().optional(),
});

const readers: Readonly<Record<string, Reader>> = {
  'AWS::S3::BucketPolicy': ({ properties }) => ({
    arns: [`arn:aws:s3:::${properties.Bucket}`],
    document: properties.PolicyDocument,
  }),
  'AWS::SQS::QueuePolicy': ({ properties }, stack) => ({
    arns: (properties.Queues as string[]).map((url) => arnOf('AWS::SQS::Queue', queueNameOf(url), stack)),
    document: properties.PolicyDocument,
  }),
  'AWS::SQS::QueueInlinePolicy': ({ properties }, stack) => ({
    arns: [arnOf('AWS::SQS::Queue', queueNameOf(String(properties.Queue)), stack)],
    document: properties.PolicyDocument,
  }),
  'AWS::SNS::TopicPolicy': ({ properties }) => ({
    arns: properties.Topics as string[],
    document: properties.PolicyDocument,
  }),
  'AWS::SNS::TopicInlinePolicy': ({ properties }) => ({
    arns: [String(properties.TopicArn)],
    document: properties.PolicyDocument,
  }),
  'AWS::SecretsManager::ResourcePolicy': ({ properties }) => ({
    arns: [String(properties.SecretId)],
    document: properties.ResourcePolicy,
  }),
  'AWS::Lambda::Permission': permissionOf,
};

/** The policies that the template gives to resources. @throws PolicyError naming one that can't be judged */
export function readResourcePolicies(stack: Stack): ResourcePolicies {
  stack.resources.forEach(refuseInlinePolicy);
  return statementsBy(readers, stack);
}

/** What Lambda may without anybody's leave: wake the functions of its event source mappings. */
export function mappingPolicies(stack: Stack): ResourcePolicies {
  return statementsBy({ 'AWS::Lambda::EventSourceMapping': mappingOf }, stack);
}

function statementsBy(byType: Readonly<Record<string, Reader>>, stack: Stack): ResourcePolicies {
  const policies = new Map<string, Statement[]>();
  for (const resource of stack.resources) {
    const reader = byType[resource.type];
    if (!reader) continue;
    const { arns, document } = reader(resource, stack);
    const statements = compilePolicy(document, 'resource', resource.logicalId);
    for (const arn of arns) policies.set(arn, [...(policies.get(arn) ?? []), ...statements]);
  }
  return policies;
}

/** The ARN of what a policy would be attached to: an object's bucket, for others the resource itself. */
export function policyOwner(resource: string): string {
  return resource.startsWith('arn:aws:s3:::') ? (resource.split('/')[0] as string) : resource;
}

function permissionOf({ logicalId, properties }: Resource, stack: Stack): PolicyOf {
  const given = permission.safeParse(properties);
  if (!given.success) throw new PolicyError(logicalId, z.prettifyError(given.error));
  const { FunctionName, Action, Principal, SourceArn, SourceAccount } = given.data;
  const arn = arnOf('AWS::Lambda::Function', functionNameOf(FunctionName), stack);
  const isService = Principal.endsWith('.amazonaws.com');
  return {
    arns: [arn],
    document: documentOf({
      Principal: { [isService ? 'Service' : 'AWS']: Principal },
      Action,
      Resource: arn,
      Condition: {
        ...(SourceArn && { ArnLike: { 'aws:SourceArn': SourceArn } }),
        ...(SourceAccount && { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
      },
    }),
  };
}

function mappingOf({ properties }: Resource, stack: Stack): PolicyOf {
  const arn = arnOf('AWS::Lambda::Function', functionNameOf(String(properties.FunctionName)), stack);
  return {
    arns: [arn],
    document: documentOf({
      Principal: { Service: 'lambda.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Resource: arn,
      Condition: { ArnEquals: { 'aws:SourceArn': properties.EventSourceArn } },
    }),
  };
}

function documentOf(statement: object): object {
  return { Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } };
}

function arnOf(type: string, name: string, { resources }: Stack): string {
  const found = resources.find((resource) => resource.type === type && resource.name === name);
  if (found) return found.arn;
  throw new PolicyError(name, `is not in the stack, and a policy is about it`);
}

/** A policy that stands in its resource's own properties would be passed over. */
function refuseInlinePolicy({ type, logicalId, properties }: Resource): void {
  if (type !== 'AWS::DynamoDB::Table') return;
  const stream = properties.StreamSpecification as { ResourcePolicy?: unknown } | undefined;
  if (!properties.ResourcePolicy && !stream?.ResourcePolicy) return;
  throw new PolicyError(logicalId, 'policies of tables and streams are not judged by the local AWS');
}
