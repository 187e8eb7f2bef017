/**
 * Refuses and names every connection to a host that isn't loopback. Importing this module is enough; it does
 * its work once per thread, so it is the first import of the process and of every worker.
 *
 * Names are refused where they would be resolved and addresses where they would be connected to: a guard on
 * names alone lets a literal address through, and one on sockets alone lets the query of a name server out.
 */
import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

/** A call was about to leave the machine. */
export class ForeignHostError extends Error {
  override readonly name = 'ForeignHostError';
  readonly code = 'ERR_FOREIGN_HOST';
  readonly host: string;

  constructor(host: string) {
    super(`Refused to connect to ${host}: nothing local may leave the machine.`);
    this.host = host;
  }
}

const LOOPBACK = new net.BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether `host` is this machine's loopback: an address of it, `localhost` or a name below that. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  const family = net.isIP(address);
  if (family !== 0) return LOOPBACK.check(address, family === 4 ? 'ipv4' : 'ipv6');
  return /^(.+\.)?localhost\.?$/i.test(address);
}

type Method = (this: unknown, ...parameters: unknown[]) => unknown;
type Refuse = (error: ForeignHostError, caller: unknown, parameters: unknown[]) => unknown;

const GUARDED = Symbol.for('afterparty.guarded');

function guard(
  owner: object,
  name: string,
  hostOf: (parameters: unknown[]) => unknown,
  refuse: Refuse,
): void {
  const methods = owner as Record<string, (Method & { [GUARDED]?: true }) | undefined>;
  const original = methods[name];
  if (typeof original !== 'function' || original[GUARDED]) return;
  const guarded: Method = function (...parameters) {
    const host = hostOf(parameters);
    if (typeof host === 'string' && host !== '' && !isLoopback(host)) {
      return refuse(new ForeignHostError(host), this, parameters);
    }
    return original.apply(this, parameters);
  };
  methods[name] = Object.assign(guarded, { [GUARDED]: true as const });
}

/** `connect` takes (options), (port, host), (path), each with a listener, or what net.connect made of them. */
function connectHost([first, second]: unknown[]): unknown {
  const options = Array.isArray(first) ? first[0] : first;
  if (typeof options !== 'object' || options === null) {
    return Number.isNaN(Number(options)) ? undefined : second;
  }
  return options.path ? undefined : options.host;
}

const inCallback: Refuse = (error, _, parameters) => {
  const callback = parameters.at(-1);
  if (typeof callback !== 'function') throw error;
  process.nextTick(() => callback(error));
  return undefined;
};

const inPromise: Refuse = (error) => Promise.reject(error);

const onStream: Refuse = (error, caller) => {
  // Later, as a failed connection is: tls and fetch go on setting the socket up after this call.
  process.nextTick(() => (caller as net.Socket).destroy(error));
  return caller;
};

const onDatagram: Refuse = (error, caller) => {
  process.nextTick(() => (caller as dgram.Socket).emit('error', error));
  return undefined;
};

const QUERIES = ['lookup', 'reverse', ...Object.keys(dns).filter((name) => /^resolve/.test(name))];

for (const query of QUERIES) {
  guard(dns, query, ([name]) => name, inCallback);
  guard(dns.promises, query, ([name]) => name, inPromise);
  guard(dns.Resolver.prototype, query, ([name]) => name, inCallback);
  guard(dns.promises.Resolver.prototype, query, ([name]) => name, inPromise);
}
guard(net.Socket.prototype, 'connect', connectHost, onStream);
guard(dgram.Socket.prototype, 'connect', ([, address]) => address, onDatagram);
// The message may be a string too, and the callback stands last.
guard(dgram.Socket.prototype, 'send', (parameters) => parameters.slice(1).findLast(isText), onDatagram);
syncBuiltinESMExports();

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
