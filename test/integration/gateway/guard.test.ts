import dgram from 'node:dgram';
import dns, { lookup } from 'node:dns';
import { get } from 'node:http';
import net from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { isLoopback } from '../../../offline/guard.ts';

function failure(emitter: NodeJS.EventEmitter): Promise<Error> {
  return new Promise((resolve) => emitter.once('error', resolve));
}

const refused = (host: string) =>
  expect.objectContaining({
    name: 'ForeignHostError',
    message: `Refused to connect to ${host}: nothing local may leave the machine.`,
  });

test('tells loopback from everything else', () => {
  const loopback = ['127.0.0.1', '127.8.9.1', '::1', '[::1]', 'localhost', 'LOCALHOST.', 'bucket.localhost'];
  const foreign = [
    '8.8.8.8',
    '10.0.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '::',
    '::ffff:8.8.8.8',
    '2001:db8::1',
    'example.com',
    'localhost.example.com',
    'notlocalhost',
    '127.0.0.1.example.com',
  ];
  expect(loopback.filter((host) => !isLoopback(host))).toEqual([]);
  expect(foreign.filter((host) => isLoopback(host))).toEqual([]);
  expect(isLoopback('::ffff:127.0.0.1')).toBe(true);
});

test('a foreign name or address is refused by name, whichever way it is called', async () => {
  await expect(fetch('https://example.com/')).rejects.toMatchObject({ cause: refused('example.com') });
  expect(await failure(get('http://93.184.215.14/'))).toEqual(refused('93.184.215.14'));
  expect(await failure(net.connect(443, 'example.com'))).toEqual(refused('example.com'));
  expect(await failure(net.connect({ port: 443, host: '2001:db8::1' }))).toEqual(refused('2001:db8::1'));
  expect(await new Promise((resolve) => lookup('example.com', resolve))).toEqual(refused('example.com'));
  expect(await new Promise((resolve) => dns.resolve4('example.com', resolve))).toEqual(
    refused('example.com'),
  );
  await expect(dns.promises.lookup('example.com')).rejects.toEqual(refused('example.com'));
  await expect(new dns.promises.Resolver().resolveTxt('example.com')).rejects.toEqual(refused('example.com'));
  const socket = dgram.createSocket('udp4');
  socket.send('x', 53, '8.8.8.8');
  expect(await failure(socket)).toEqual(refused('8.8.8.8'));
  socket.close();
});

test('loopback and local sockets pass', async () => {
  const server = net.createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  for (const host of ['127.0.0.1', 'localhost', undefined]) {
    const socket = host ? net.connect(port, host) : net.connect({ port, family: 4 });
    expect(String((await socket.toArray())[0])).toBe('hello');
  }
  server.close();
  expect(await failure(net.connect('/nowhere/at/all.sock'))).toMatchObject({ code: 'ENOENT' });
});

test('a worker that imports it first is guarded too', async () => {
  const guard = new URL('../../../offline/guard.ts', import.meta.url).href;
  const worker = new Worker(
    `import(${JSON.stringify(guard)})
      .then(() => fetch('http://198.51.100.7/'))
      .catch((error) => require('node:worker_threads').parentPort.postMessage(error.cause.message))`,
    { eval: true },
  );
  expect(await new Promise((resolve) => worker.once('message', resolve))).toContain('198.51.100.7');
  await worker.terminate();
});
