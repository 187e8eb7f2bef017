import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import type { TestGateway } from '../../support/gateway.ts';
import { startTable, TableName } from './table.ts';

/** Writes pairs in transactions until the server is gone; answers the numbers that were acknowledged. */
async function writePairs(db: DynamoDBDocument, writer: number, onWritten: () => void): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let round = 0; ; round++) {
    const name = `${writer}-${round}`;
    try {
      await db.transactWrite({
        TransactItems: ['left', 'right'].map((sk) => ({ Put: { TableName, Item: { pk: name, sk } } })),
      });
    } catch {
      return acknowledged;
    }
    acknowledged.push(name);
    onWritten();
  }
}

test('a server killed under load has lost nothing it acknowledged, and kept no half of a transaction', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'afterparty-'));
  onTestFinished(() => rm(stateDir, { recursive: true }));
  const server = fork(join(import.meta.dirname, 'server.ts'), [stateDir]);
  const [config] = (await once(server, 'message')) as [TestGateway['clientConfig']];
  const db = DynamoDBDocument.from(new DynamoDBClient({ ...config, maxAttempts: 1 }));
  let written = 0;
  const countAndKill = () => {
    if (++written === 200) server.kill('SIGKILL');
  };
  const writers = await Promise.all([0, 1, 2, 3].map((writer) => writePairs(db, writer, countAndKill)));

  const after = await startTable({ stateDir });
  const { Items = [] } = await after.db.scan({ TableName });
  const halves = Map.groupBy(Items, ({ pk }) => pk as string);
  expect([...halves.values()].every(({ length }) => length === 2)).toBe(true);
  expect(writers.flat().filter((name) => !halves.has(name))).toEqual([]);
  expect(halves.size).toBeGreaterThanOrEqual(200);
  after.client.destroy();
  await after.running.stop();
});
