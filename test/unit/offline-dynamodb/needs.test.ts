import { expect, test } from 'vitest';
import type { Call } from '../../../offline/contract.ts';
import { needsOf } from '../../../offline/dynamodb/needs.ts';
import { encodeIterator } from '../../../offline/dynamodb/shard-iterator.ts';
import { streamArnOf } from '../../../offline/dynamodb/stream-arn.ts';

const table = 'arn:aws:dynamodb:eu-west-1:000000000000:table/things';
const other = 'arn:aws:dynamodb:eu-west-1:000000000000:table/others';
const stream = streamArnOf(table);
const ShardIterator = encodeIterator({ arn: stream, after: 0, at: 0 });

const cases: [string, string, Call['input'], string[]][] = [
  ['an item', 'GetItem', { TableName: 'things' }, [`GetItem ${table}`]],
  ['a table named by ARN', 'PutItem', { TableName: table }, [`PutItem ${table}`]],
  ['a table as a whole', 'DescribeTable', { TableName: 'things' }, [`DescribeTable ${table}`]],
  ['a query of a table', 'Query', { TableName: 'things' }, [`Query ${table}`]],
  ['a query of an index', 'Query', { TableName: 'things', IndexName: 'gsi1' }, [`Query ${table}/index/gsi1`]],
  ['a scan of an index', 'Scan', { TableName: 'things', IndexName: 'gsi1' }, [`Scan ${table}/index/gsi1`]],
  [
    'a batch over two tables',
    'BatchWriteItem',
    { RequestItems: { things: [], others: [] } },
    [`BatchWriteItem ${table}`, `BatchWriteItem ${other}`],
  ],
  ['a batch of reads', 'BatchGetItem', { RequestItems: { things: {} } }, [`BatchGetItem ${table}`]],
  [
    'a transaction, each kind once',
    'TransactWriteItems',
    {
      TransactItems: [
        { Put: { TableName: 'things' } },
        { Put: { TableName: 'things' } },
        { Update: { TableName: 'things' } },
        { Delete: { TableName: 'others' } },
        { ConditionCheck: { TableName: 'things' } },
      ],
    },
    [`PutItem ${table}`, `UpdateItem ${table}`, `DeleteItem ${other}`, `ConditionCheckItem ${table}`],
  ],
  [
    'transactional reads',
    'TransactGetItems',
    { TransactItems: [{ Get: { TableName: 'things' } }] },
    [`GetItem ${table}`],
  ],
  ['all tables', 'ListTables', {}, ['ListTables *']],
  ['all streams', 'ListStreams', {}, ['ListStreams *']],
  ['a table’s streams', 'ListStreams', { TableName: 'things' }, [`ListStreams ${table}/stream/*`]],
  ['a stream', 'DescribeStream', { StreamArn: stream }, [`DescribeStream ${stream}`]],
  ['an iterator', 'GetShardIterator', { StreamArn: stream }, [`GetShardIterator ${stream}`]],
  ['records', 'GetRecords', { ShardIterator }, [`GetRecords ${stream}`]],
  ['nothing that can be named', 'GetItem', {}, []],
  ['a broken transaction', 'TransactWriteItems', { TransactItems: [null, 7, { Put: {} }] }, []],
  ['a broken iterator', 'GetRecords', { ShardIterator: '{' }, []],
];

test.each(cases)('%s', (_title, operation, input, expected) => {
  const call: Call = {
    id: '1',
    principal: { kind: 'developer', arn: '' },
    service: 'dynamodb',
    operation,
    input,
    signal: new AbortController().signal,
  };
  const needs = needsOf(call, { region: 'eu-west-1', account: '000000000000' });
  expect(needs).toEqual(
    expected.map((need) => {
      const [action, resource] = need.split(' ');
      return { action: `dynamodb:${action}`, resource };
    }),
  );
});
