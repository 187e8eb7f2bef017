import type { Clock } from '../clock.ts';
import {
  type Call,
  type Context,
  type Engine,
  type InternalCall,
  type Principal,
  ServiceError,
  type ServiceName,
} from '../contract.ts';
import type { Random } from '../random.ts';
import { ControlDoor, type ControlHandler } from './control.ts';
import { addControls } from './controls.ts';
import { ConnectionDropped, type Fault, noFault } from './fault.ts';
import type { IncomingRequest, Reply } from './http.ts';
import { type Credentials, Keys } from './identity/keys.ts';
import { anyKeyMay, type Permission } from './permission.ts';
import { cognitoPreflight } from './protocol/cors.ts';
import { protocolOf } from './protocol/protocols.ts';
import { unknownService } from './protocol/unknown.ts';
import { CallRecord } from './record.ts';
import { routeOf } from './route.ts';
import { serveLoopback } from './server.ts';
import { passStages } from './stages.ts';

export interface GatewayOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly region: string;
  readonly account: string;
  readonly clock: Clock;
  readonly random: Random;
  /** The folder that keeps state; the gateway's secret lives in it. */
  readonly stateDir: string;
  /** Every call is appended to it as a JSON line. */
  readonly recordFile?: string;
  readonly permission?: Permission;
  readonly fault?: Fault;
  /** How far back, in ms, its weaknesses may reach; 0 if left out. */
  readonly hindsightMs?: number;
  readonly log?: (line: string) => void;
}

export interface Gateway {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly port: number;
  /** What engines are made with. */
  readonly context: Context;
  /** Puts an engine behind the gateway. */
  register(engine: Engine): void;
  readonly credentials: {
    /** The long-lived key of this state folder, for the command line and tests. */
    readonly developer: Credentials;
    issueKey(principal: Principal, expiresAt?: number): Required<Credentials>;
    revokeKey(accessKeyId: string): void;
  };
  readonly call: InternalCall;
  readonly record: Pick<CallRecord, 'read' | 'subscribe'>;
  /** Adds a path under `/_afterparty/`. */
  control(path: string, handler: ControlHandler): void;
  /** Ends every connection and waits until the calls under way have let go. The engines stay open. */
  close(): Promise<void>;
}

/**
 * Opens the one door to the local AWS, on loopback. Engines are registered afterwards, as they need the
 * context that holds its address; until then their services answer ServiceUnavailable.
 * @throws the listen error, for example EADDRINUSE
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { clock, region, account, stateDir } = options;
  const random = options.random.fork();
  const keys = new Keys(stateDir, account);
  const record = new CallRecord(clock, options.recordFile);
  const engines = new Map<ServiceName, Engine>();
  const stages = {
    permission: options.permission ?? anyKeyMay,
    fault: options.fault ?? noFault,
    record,
    engines,
  };
  const judge = { keys, region, now: () => clock.now() };
  const door = new ControlDoor();
  const { hindsightMs = 0 } = options;
  const log = options.log ?? (() => {});

  const call: InternalCall = async (principal, service, operation, input, signal = never) => {
    const answer = await passStages(
      { id: random.uuid(), principal, service, operation, input, signal },
      stages,
    );
    if ('output' in answer) return answer.output;
    throw new Error(`${service} answered ${operation} with an HTTP answer: it can't be called from inside.`);
  };

  async function answer(request: IncomingRequest, signal: AbortSignal): Promise<Reply> {
    const route = routeOf(request);
    if (route.protocol === 'control') return door.answer(request);
    if (route.protocol === 'preflight') return cognitoPreflight(request);
    if (route.protocol === 'unknown') return unknownService(request, route.service, [...engines.keys()]);
    const { protocol, service } = protocolOf(route);
    const telling = { request, requestId: random.uuid(), service, operation: '' };
    let asked: Call | undefined;
    try {
      asked = { ...(await protocol.read(request, judge)), id: telling.requestId, signal };
      return protocol.answer(await passStages(asked, stages), { ...telling, operation: asked.operation });
    } catch (error) {
      if (error instanceof ConnectionDropped) throw error;
      const reply = protocol.error(asServiceError(error, signal, log), telling);
      return { ...reply, headers: { ...engines.get(service)?.corsHeaders?.(request), ...reply.headers } };
    } finally {
      asked?.http?.body.destroy();
    }
  }

  const server = await serveLoopback(options.port, answer, judge.now, log);
  const { port } = server;
  const endpoint = `http://127.0.0.1:${port}`;
  addControls(door, { clock, record, engines });

  return {
    endpoint,
    port,
    context: { clock, random: options.random, region, account, endpoint, stateDir, hindsightMs, call, log },
    register(engine) {
      if (engines.has(engine.service))
        throw new Error(`An engine for ${engine.service} is registered already.`);
      engines.set(engine.service, engine);
    },
    credentials: {
      developer: keys.developer,
      issueKey: (principal, expiresAt) => keys.issue(principal, expiresAt),
      revokeKey: (accessKeyId) => keys.revoke(accessKeyId),
    },
    call,
    record,
    control: (path, handler) => door.add(path, handler),
    async close() {
      await server.close();
      record.close();
    },
  };
}

const never = new AbortController().signal;

function asServiceError(error: unknown, signal: AbortSignal, log: (line: string) => void): ServiceError {
  if (error instanceof ServiceError) return error;
  if (!signal.aborted)
    log(`A call ended in an unexpected error: ${error instanceof Error ? error.stack : error}`);
  return new ServiceError('InternalError', 'We encountered an internal error. Please try again.', 500);
}
