import * as z from 'zod';
import type { Resource } from '../contract.ts';
import { attributesOf, type KeyAttribute, type KeySchema } from './keys.ts';
import { streamArnOf } from './stream-arn.ts';

export type StreamViewType = 'NEW_AND_OLD_IMAGES' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'KEYS_ONLY';

export interface IndexDefinition {
  readonly name: string;
  readonly key: KeySchema;
  /** The attributes an index row holds beside both keys; undefined for all of them. */
  readonly projected: readonly string[] | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A table as the template declares it. */
export interface TableDefinition {
  readonly name: string;
  readonly arn: string;
  readonly key: KeySchema;
  readonly indexes: readonly IndexDefinition[];
  readonly stream: { readonly arn: string; readonly viewType: StreamViewType } | undefined;
  readonly ttlAttribute: string | undefined;
  readonly pointInTimeRecovery: boolean;
  readonly properties: Readonly<Record<string, unknown>>;
}

const keySchema = z
  .array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }))
  .min(1)
  .max(2);

const tableProperties = z.object({
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  KeySchema: keySchema,
  BillingMode: z.enum(['PAY_PER_REQUEST', 'PROVISIONED']).optional(),
  GlobalSecondaryIndexes: z
    .array(
      z.looseObject({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.object({
          ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
          NonKeyAttributes: z.array(z.string()).optional(),
        }),
      }),
    )
    .optional(),
  LocalSecondaryIndexes: z.never('local secondary indexes are not built here').optional(),
  StreamSpecification: z
    .object({ StreamViewType: z.enum(['NEW_AND_OLD_IMAGES', 'NEW_IMAGE', 'OLD_IMAGE', 'KEYS_ONLY']) })
    .optional(),
  TimeToLiveSpecification: z
    .object({ AttributeName: z.string().optional(), Enabled: cfBoolean() })
    .optional(),
  PointInTimeRecoverySpecification: z
    .looseObject({ PointInTimeRecoveryEnabled: cfBoolean().optional() })
    .optional(),
});

/**
 * Reads a table from its template resource. Throws an Error that names table and property where the template
 * asks for something that AWS refuses, or that isn't built here (local secondary indexes).
 */
export function tableDefinition(resource: Resource): TableDefinition {
  const parsed = tableProperties.safeParse(resource.properties);
  if (!parsed.success) throw new Error(`Table ${resource.logicalId}: ${z.prettifyError(parsed.error)}`);
  const properties = parsed.data;
  const types = new Map(properties.AttributeDefinitions.map((one) => [one.AttributeName, one.AttributeType]));
  const keyFrom = (schema: z.infer<typeof keySchema>) => readKey(schema, types, resource.logicalId);
  const ttl = properties.TimeToLiveSpecification;
  return {
    name: resource.name,
    arn: resource.arn,
    key: keyFrom(properties.KeySchema),
    indexes: (properties.GlobalSecondaryIndexes ?? []).map((index) => ({
      name: index.IndexName,
      key: keyFrom(index.KeySchema),
      projected:
        index.Projection.ProjectionType === 'ALL' ? undefined : (index.Projection.NonKeyAttributes ?? []),
      properties: index,
    })),
    stream: properties.StreamSpecification && {
      arn: streamArnOf(resource.arn),
      viewType: properties.StreamSpecification.StreamViewType,
    },
    ttlAttribute: ttl?.Enabled ? ttl.AttributeName : undefined,
    pointInTimeRecovery: properties.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled ?? false,
    properties: resource.properties,
  };
}

/** Every attribute that a key of the table or of an index uses, once. */
export function keyAttributesOf(definition: TableDefinition): KeyAttribute[] {
  const attributes = [definition, ...definition.indexes].flatMap(({ key }) => attributesOf(key));
  return [...new Map(attributes.map((attribute) => [attribute.name, attribute])).values()];
}

function readKey(
  schema: z.infer<typeof keySchema>,
  types: ReadonlyMap<string, KeyAttribute['type']>,
  table: string,
): KeySchema {
  const attribute = (kind: 'HASH' | 'RANGE'): KeyAttribute | undefined => {
    const name = schema.find(({ KeyType }) => KeyType === kind)?.AttributeName;
    if (name === undefined) return undefined;
    const type = types.get(name);
    if (!type) throw new Error(`Table ${table}: expected ${name} in AttributeDefinitions, found none`);
    return { name, type };
  };
  const partition = attribute('HASH');
  if (!partition) throw new Error(`Table ${table}: expected a HASH key in KeySchema, found none`);
  const sort = attribute('RANGE');
  return sort ? { partition, sort } : { partition };
}

/** CloudFormation takes booleans as strings too. */
function cfBoolean() {
  return z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
}
