import { expect, test } from 'vitest';
import { tableDefinition } from '../../../offline/dynamodb/definition.ts';
import { streamArnOf } from '../../../offline/dynamodb/stream-arn.ts';
import { tableArn, tableStack } from '../../support/table-stack.ts';

function define(changed: Readonly<Record<string, unknown>>) {
  const [resource] = tableStack(changed).resources;
  if (!resource) throw new Error('the stack has a table');
  return tableDefinition(resource);
}

test('a stream’s ARN is known from the table’s alone', () => {
  expect(streamArnOf(tableArn)).toBe(`${tableArn}/stream/2026-01-01T00:00:00.000`);
  expect(define({}).stream).toEqual({ arn: streamArnOf(tableArn), viewType: 'NEW_AND_OLD_IMAGES' });
});

test('time to live counts only where it is enabled, also as CloudFormation’s text', () => {
  const ttl = (Enabled: unknown) =>
    define({ TimeToLiveSpecification: { AttributeName: 'at', Enabled } }).ttlAttribute;
  expect([ttl(true), ttl('true'), ttl(false), ttl('false')]).toEqual(['at', 'at', undefined, undefined]);
});

const refused: [string, Readonly<Record<string, unknown>>, RegExp][] = [
  ['a key without a type', { AttributeDefinitions: [] }, /Things: expected pk in AttributeDefinitions/],
  [
    'a key without a HASH',
    { KeySchema: [{ AttributeName: 'pk', KeyType: 'RANGE' }] },
    /Things: expected a HASH key/,
  ],
  ['no key', { KeySchema: undefined }, /Things: [\s\S]*KeySchema/],
  ['an unknown billing mode', { BillingMode: 'FREE' }, /Things: [\s\S]*BillingMode/],
  [
    'an unknown view type',
    { StreamSpecification: { StreamViewType: 'ALL' } },
    /Things: [\s\S]*StreamViewType/,
  ],
  [
    'local secondary indexes',
    { LocalSecondaryIndexes: [{}] },
    /Things: [\s\S]*local secondary indexes are not built here/,
  ],
];

test.each(refused)('a template with %s is refused by name', (_title, changed, message) => {
  expect(() => define(changed)).toThrow(message);
});
