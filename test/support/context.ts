import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clock } from '../../offline/clock.ts';
import type { Answer, Call, Context, Engine, Principal, ServiceName } from '../../offline/contract.ts';
import { Random } from '../../offline/random.ts';

/** A context without a gateway: calls from inside go straight to the engines, and are remembered. */
export interface TestContext extends Context {
  readonly engines: Map<ServiceName, Engine>;
  readonly calls: Call[];
  readonly logged: string[];
  /** Calls as the developer. */
  ask(
    service: ServiceName,
    operation: string,
    input: Record<string, unknown>,
  ): Promise<Record<string, unknown>>;
  /** Closes the engines and the clock; `remove` also forgets the state folder. */
  stop(options?: { remove: boolean }): Promise<void>;
}

const never = new AbortController().signal;
const developer: Principal = { kind: 'developer', arn: 'arn:aws:iam::000000000000:user/developer' };

/** Makes a context over `stateDir`, or over a folder of its own. */
export function testContext(stateDir = mkdtempSync(join(tmpdir(), 'afterparty-'))): TestContext {
  const clock = new Clock();
  const random = new Random(1);
  const engines = new Map<ServiceName, Engine>();
  const calls: Call[] = [];
  const logged: string[] = [];
  const call: Context['call'] = async (principal, service, operation, input, signal = never) => {
    const engine = engines.get(service);
    if (!engine) throw new Error(`No ${service} is running here.`);
    const made: Call = { id: random.uuid(), principal, service, operation, input, signal };
    calls.push(made);
    return outputOf(await engine.handle(made));
  };
  return {
    clock,
    random,
    region: 'eu-west-1',
    account: '000000000000',
    endpoint: 'http://127.0.0.1:4566',
    stateDir,
    hindsightMs: 10_000,
    engines,
    calls,
    logged,
    call,
    log: (line) => logged.push(line),
    ask: (service, operation, input) => call(developer, service, operation, input),
    async stop({ remove } = { remove: true }) {
      await Promise.all([...engines.values()].map((engine) => engine.close()));
      clock.stop();
      if (remove) rmSync(stateDir, { recursive: true });
    },
  };
}

function outputOf(answer: Answer): Record<string, unknown> {
  if ('output' in answer) return answer.output;
  throw new Error(`An engine answered a call from inside with HTTP status ${answer.status}.`);
}
