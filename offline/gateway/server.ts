import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ConnectionDropped } from './fault.ts';
import { drain, type IncomingRequest, type Reply, readRequest } from './http.ts';

/** Answers one request; `signal` aborts when the client has gone. Throws ConnectionDropped for no answer. */
export type Answerer = (request: IncomingRequest, signal: AbortSignal) => Promise<Reply>;

export interface HttpServer {
  readonly port: number;
  /** Ends every connection and waits until the requests under way have let go. */
  close(): Promise<void>;
}

/**
 * Serves HTTP on 127.0.0.1 and nowhere else. A request is always read to its end before it is answered.
 * @param now the stack's time, told in every answer: clients sign again with it when theirs is off
 * @throws the listen error, for example EADDRINUSE
 */
export async function serveLoopback(
  port: number,
  answer: Answerer,
  now: () => number,
  log: (line: string) => void,
): Promise<HttpServer> {
  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => response.writableFinished || gone.abort());
    try {
      const reply = await answer(readRequest(incoming), gone.signal);
      await drain(incoming);
      await send(reply, response, now());
    } catch (error) {
      if (!(error instanceof ConnectionDropped || gone.signal.aborted)) {
        log(`${incoming.method} ${incoming.url} could not be answered: ${String(error)}`);
      }
      // A request that was read to its end is destroyed already, and its connection isn't.
      incoming.socket.destroy();
    }
  }

  const underWay = new Set<Promise<void>>();
  const server = createServer(
    // Clients keep connections for a minute; Node's own 5 s would cut some of them in mid-request.
    { keepAliveTimeout: 65_000, headersTimeout: 70_000, requestTimeout: 0 },
    (incoming, response) => {
      const served: Promise<void> = serve(incoming, response).finally(() => underWay.delete(served));
      underWay.add(served);
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await Promise.all(underWay);
    },
  };
}

async function send(reply: Reply, response: ServerResponse, now: number): Promise<void> {
  const { body } = reply;
  const stream = body instanceof Readable ? body : undefined;
  if (response.destroyed) {
    // Whoever made the stream holds its source open until it ends.
    stream?.destroy();
    return;
  }
  response.sendDate = false;
  response.writeHead(reply.status, { date: new Date(now).toUTCString(), ...reply.headers });
  if (stream) await pipeline(stream, response);
  else response.end(body);
}
