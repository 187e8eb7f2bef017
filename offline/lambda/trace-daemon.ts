import { createSocket } from 'node:dgram';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface TraceDaemon {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  close(): void;
}

/**
 * Takes the place of the X-Ray daemon: every trace segment that a function sends becomes a line of `file`.
 * Source of the format: X-Ray Developer Guide, "Sending trace data", a header line before each segment.
 */
export function startTraceDaemon(file: string): Promise<TraceDaemon> {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, 'w');
  const socket = createSocket('udp4');
  socket.on('message', (packet) => {
    const segment = packet.subarray(packet.indexOf(0x0a) + 1);
    writeSync(descriptor, `${segment.toString('utf8').trim()}\n`);
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      resolve({
        address: `127.0.0.1:${socket.address().port}`,
        close: () => {
          socket.close();
          closeSync(descriptor);
        },
      });
    });
  });
}
