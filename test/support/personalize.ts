import { PersonalizeClient } from '@aws-sdk/client-personalize';
import { PersonalizeEventsClient } from '@aws-sdk/client-personalize-events';
import { PersonalizeRuntimeClient } from '@aws-sdk/client-personalize-runtime';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Clock } from '../../offline/clock.ts';
import type { Context, Engine, Stack } from '../../offline/contract.ts';
import type { GatewayOptions } from '../../offline/gateway/gateway.ts';
import { StackPermission } from '../../offline/gateway/permission/stack-permission.ts';
import { createPersonalizeEngine, type PersonalizeEngine } from '../../offline/personalize/engine.ts';
import { createS3Engine } from '../../offline/s3/engine.ts';
import type { TemplateResource } from '../../offline/template/template.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';
import type { World } from './made-up-tastes.ts';
import { account, documentOf } from './permission.ts';
import { trusting } from './permission-stack.ts';
import { stackOf } from './stack.ts';

type Resources = Readonly<Record<string, TemplateResource>>;

export const region = 'eu-west-1';
export const arnOf = (path: string) => `arn:aws:personalize:${region}:${account}:${path}`;
export const recipeArn = (name: string) => `arn:aws:personalize:::recipe/aws-${name}`;
/** A role in which Personalize may read the bucket `data`. */
export const dataRole = `arn:aws:iam::${account}:role/data`;
/** A role that Personalize may take on, and that may do nothing. */
export const poorRole = `arn:aws:iam::${account}:role/poor`;

export const interactionsSchema = schemaOf('Interactions', [
  { name: 'USER_ID', type: 'string' },
  { name: 'ITEM_ID', type: 'string' },
  { name: 'TIMESTAMP', type: 'long' },
  { name: 'EVENT_TYPE', type: 'string' },
  { name: 'EVENT_VALUE', type: ['null', 'float'] },
  { name: 'IMPRESSION', type: ['null', 'string'] },
]);
export const itemsSchema = schemaOf('Items', [
  { name: 'ITEM_ID', type: 'string' },
  { name: 'TAGS', type: ['null', 'string'], categorical: true },
  { name: 'OWNER_ID', type: ['null', 'string'], categorical: true },
  { name: 'CREATION_TIMESTAMP', type: 'long' },
]);
export const usersSchema = schemaOf('Users', [
  { name: 'USER_ID', type: 'string' },
  { name: 'PLAN', type: ['null', 'string'], categorical: true },
]);

/** Dataset group `photos` with its datasets and tracker, a bucket, and roles to read it in. */
export const photosResources: Resources = {
  Data: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'data' } },
  DataPolicy: {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: { Ref: 'Data' },
      PolicyDocument: documentOf({
        Principal: { Service: 'personalize.amazonaws.com' },
        Action: ['s3:GetObject', 's3:ListBucket'],
        Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/*'],
      }),
    },
  },
  DataRole: role('data', {
    Action: ['s3:GetObject', 's3:ListBucket'],
    Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/*'],
  }),
  PoorRole: role('poor', { Action: 's3:PutObject' }),
  Group: { Type: 'AWS::Personalize::DatasetGroup', Properties: { Name: 'photos' } },
  ...dataset('Interactions', interactionsSchema),
  ...dataset('Items', itemsSchema),
  ...dataset('Users', usersSchema),
  Tracker: {
    Type: 'AWS::Personalize::EventTracker',
    Properties: { Name: 'photos', DatasetGroupArn: { Ref: 'Group' } },
  },
};

/** Personalize and S3 behind a gateway that judges. */
export interface Personalized extends TestGateway {
  readonly control: PersonalizeClient;
  readonly runtime: PersonalizeRuntimeClient;
  readonly events: PersonalizeEventsClient;
  readonly engine: PersonalizeEngine;
  /** Of the tracker that the template declares. */
  readonly trackingId: string;
  /** Stores a file in the bucket `data`. */
  upload(key: string, text: string): Promise<void>;
  /** Lets the work under way end, and the time go by after which it is told. */
  settle(): Promise<void>;
}

export interface PersonalizeOptions extends Partial<GatewayOptions> {
  /** Further engines of the stack. */
  readonly beside?: (context: Context, stack: Stack) => Engine[];
}

export async function startPersonalize(
  resources: Resources = photosResources,
  { beside = () => [], ...options }: PersonalizeOptions = {},
): Promise<Personalized> {
  const clock = options.clock ?? new Clock();
  const permission = new StackPermission({ clock, region, account, log: () => {} });
  let engine: PersonalizeEngine | undefined;
  let trackingId = '';
  const gateway = await startTestGateway(
    (context) => {
      const stack = stackOf(context, resources);
      permission.govern(stack);
      engine = createPersonalizeEngine(context, stack);
      trackingId = String(stackOf(context, { ...resources, ...probe }).resources.at(-1)?.properties.Value);
      return [createS3Engine(context, stack), engine, ...beside(context, stack)];
    },
    { permission, ...options, clock },
  );
  const config = { ...gateway.clientConfig, maxAttempts: 2 };
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  return {
    ...gateway,
    control: new PersonalizeClient(config),
    runtime: new PersonalizeRuntimeClient(config),
    events: new PersonalizeEventsClient(config),
    engine: engine as PersonalizeEngine,
    trackingId,
    async upload(key, text) {
      await s3.send(new PutObjectCommand({ Bucket: 'data', Key: key, Body: text }));
    },
    async settle() {
      await engine?.idle();
      await clock.advance(5_000);
    },
  };
}

const probe: Resources = {
  Probe: {
    Type: 'AWS::SSM::Parameter',
    Properties: { Name: 'probe', Type: 'String', Value: { 'Fn::GetAtt': ['Tracker', 'TrackingId'] } },
  },
};

/** What a world's people did, as the file that Personalize imports. */
export function interactionsCsv({ interactions }: Pick<World, 'interactions'>): string {
  const { persons, photos, types, times } = interactions;
  const rows = persons.map(
    (person, row) => `${person},${photos[row]},${Math.floor((times[row] as number) / 1_000)},${types[row]},,`,
  );
  return ['USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,IMPRESSION', ...rows, ''].join('\n');
}

export function itemsCsv({ items }: Pick<World, 'items'>): string {
  const rows = items.photos.map((photo, row) => {
    const created = Math.floor((items.createdAt?.[row] ?? 0) / 1_000);
    return `${photo},${items.tags[row]?.join('|')},${items.owners?.[row]},${created}`;
  });
  return ['ITEM_ID,TAGS,OWNER_ID,CREATION_TIMESTAMP', ...rows, ''].join('\n');
}

export function schemaOf(name: string, fields: readonly object[]): string {
  return JSON.stringify({
    ...{ type: 'record', name, namespace: 'com.amazonaws.personalize.schema', version: '1.0' },
    fields,
  });
}

function dataset(type: string, schema: string): Resources {
  return {
    [`${type}Schema`]: {
      Type: 'AWS::Personalize::Schema',
      Properties: { Name: `photos-${type.toLowerCase()}`, Schema: schema },
    },
    [type]: {
      Type: 'AWS::Personalize::Dataset',
      Properties: {
        Name: `photos-${type.toLowerCase()}`,
        DatasetType: type,
        DatasetGroupArn: { Ref: 'Group' },
        SchemaArn: { Ref: `${type}Schema` },
      },
    },
  };
}

function role(name: string, statement: Readonly<Record<string, unknown>>): TemplateResource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: name,
      AssumeRolePolicyDocument: trusting('personalize.amazonaws.com'),
      Policies: [{ PolicyName: 'access', PolicyDocument: documentOf(statement) }],
    },
  };
}
