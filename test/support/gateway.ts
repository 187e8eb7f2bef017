import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clock } from '../../offline/clock.ts';
import type { Context, Engine } from '../../offline/contract.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../../offline/gateway/gateway.ts';
import type { Credentials } from '../../offline/gateway/identity/keys.ts';
import { Random } from '../../offline/random.ts';

/** A gateway with the engines under test behind it, on a free port. */
export interface TestGateway {
  readonly endpoint: string;
  readonly context: Context;
  readonly clock: Clock;
  readonly gateway: Gateway;
  readonly engines: readonly Engine[];
  /** For the constructor of any SDK client: calls are the developer's. */
  readonly clientConfig: {
    readonly region: string;
    readonly endpoint: string;
    readonly credentials: Credentials;
  };
  /** Closes gateway, engines and clock; the state folder goes too, unless it was given. */
  stop(): Promise<void>;
}

/**
 * Starts a gateway for a test. Give `stateDir` to keep state over a restart, `permission` or `fault` to put
 * another stage into the chain.
 */
export async function startTestGateway(
  buildEngines: (context: Context) => Engine[] | Promise<Engine[]>,
  options: Partial<GatewayOptions> = {},
): Promise<TestGateway> {
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), 'afterparty-')));
  const clock = options.clock ?? new Clock();
  const gateway = await startGateway({
    port: 0,
    region: 'eu-west-1',
    account: '000000000000',
    random: new Random(1),
    log: (line) => console.error(line),
    ...options,
    clock,
    stateDir,
  });
  const { context, endpoint } = gateway;
  const engines = await buildEngines(context);
  for (const engine of engines) gateway.register(engine);
  return {
    endpoint,
    context,
    clock,
    gateway,
    engines,
    clientConfig: { region: context.region, endpoint, credentials: gateway.credentials.developer },
    async stop() {
      await gateway.close();
      await Promise.all(engines.map((engine) => engine.close()));
      clock.stop();
      if (!options.stateDir) await rm(stateDir, { recursive: true });
    },
  };
}
