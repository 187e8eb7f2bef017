import * as z from 'zod';
import type { Stack } from '../../contract.ts';

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }));
const index = z.object({ IndexName: z.string(), KeySchema: keySchema });
const table = z.object({
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z.array(index).default([]),
});

/** The name of the partition key of each table and index, by its ARN. */
export function partitionKeysOf({ resources }: Stack): Map<string, string> {
  const keys = new Map<string, string>();
  for (const { type, arn, properties } of resources) {
    if (type !== 'AWS::DynamoDB::Table') continue;
    const { KeySchema, GlobalSecondaryIndexes } = table.parse(properties);
    for (const { IndexName, KeySchema } of GlobalSecondaryIndexes) {
      keys.set(`${arn}/index/${IndexName}`, partitionKey(KeySchema));
    }
    keys.set(arn, partitionKey(KeySchema));
  }
  return keys;
}

function partitionKey(schema: z.output<typeof keySchema>): string {
  return schema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
}
