import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startTraceDaemon } from '../../../offline/lambda/trace-daemon.ts';

it('keeps the segments that are sent to it as lines of JSON', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'afterparty-traces-'));
  const file = join(folder, 'traces.jsonl');
  const daemon = await startTraceDaemon(file);
  const socket = createSocket('udp4');
  onTestFinished(() => {
    socket.close();
    daemon.close();
    rmSync(folder, { recursive: true });
  });
  const [host, port] = daemon.address.split(':');
  expect(host).toBe('127.0.0.1');
  for (const name of ['one', 'two']) {
    socket.send(`{"format": "json", "version": 1}\n${JSON.stringify({ name })}`, Number(port), host);
  }
  await vi.waitFor(() => expect(readFileSync(file, 'utf8')).toBe('{"name":"one"}\n{"name":"two"}\n'));
});
