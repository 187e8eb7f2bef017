import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

/**
 * Resolves if the port can be had on loopback now; 0 stands for any.
 * @throws Error in one sentence for the person at the terminal when it is taken or not allowed
 */
export function probePort(port: number, variable: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new Error(sentence(port, variable, error))),
    );
    server.listen(port, '127.0.0.1', () => {
      const { port: found } = server.address() as AddressInfo;
      server.close(() => resolve(found));
    });
  });
}

function sentence(port: number, variable: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return `Port ${port} is in use: stop what listens there, or set ${variable}.`;
  if (code === 'EACCES') return `Port ${port} needs more rights than this user has: set ${variable}.`;
  return `Port ${port} can't be used: ${message}.`;
}
