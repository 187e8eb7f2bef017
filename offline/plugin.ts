import type { RunningStack } from './run.ts';
import { compileTemplate, type ServerlessInstance } from './template/compile.ts';

interface Serverless extends ServerlessInstance {
  readonly serviceDir: string;
  readonly service: ServerlessInstance['service'] & {
    readonly service: string;
    readonly functions: Readonly<Record<string, { handler: string; events: Record<string, unknown>[] }>>;
  };
  readonly pluginManager: ServerlessInstance['pluginManager'] & {
    spawn(command: string, options?: { terminateLifecycleAfterExecution?: boolean }): Promise<void>;
  };
  getProvider(name: 'aws'): { getStage(): string; getRegion(): string };
}

/**
 * Puts the local AWS behind `serverless offline`: starts it before serverless-offline listens, answers in its
 * place, and ends with it. Also `serverless template --out FILE`, which writes the compiled template.
 * Nothing is loaded or changed for other commands.
 */
export default class LocalAwsPlugin {
  readonly commands = {
    template: {
      usage: 'Writes the CloudFormation template of the service without packing its functions',
      lifecycleEvents: ['write'],
      options: { out: { usage: 'The file to write', type: 'string', required: true } },
    },
  };
  readonly hooks: Record<string, () => Promise<void>>;
  readonly #serverless: Serverless;
  readonly #options: Record<string, unknown>;
  #running: RunningStack | undefined;

  constructor(serverless: Serverless, options: Record<string, unknown>) {
    this.#serverless = serverless;
    this.#options = options;
    this.hooks = {
      'template:write': () => this.#writeTemplate(),
      'before:offline:start': () => this.#runWholeLifecycle(),
      'before:offline:start:init': () => this.#start(),
      'after:offline:start:init': () => this.#ready(),
      'before:offline:start:end': () => this.#stop(),
    };
  }

  /** `serverless offline` alone would skip init, ready and end. */
  async #runWholeLifecycle(): Promise<void> {
    await this.#serverless.pluginManager.spawn('offline:start', { terminateLifecycleAfterExecution: true });
  }

  async #start(): Promise<void> {
    const { serviceDir, service } = this.#serverless;
    const { runStack } = await import('./run.ts');
    const aws = this.#serverless.getProvider('aws');
    this.#running = await runStack({
      template: () => compileTemplate(this.#serverless),
      stackName: `${service.service}-${aws.getStage()}`,
      region: aws.getRegion(),
      root: serviceDir,
    });
    const { httpPort } = this.#running;
    Object.assign(this.#options, { host: '127.0.0.1', httpPort, lambdaPort: 0 });
    for (const config of Object.values(service.functions)) {
      config.handler = 'offline/bridge.handler';
      // It runs schedules too, past gateway and clock: it gets to know routes only.
      config.events = config.events.filter((event) => 'httpApi' in event);
    }
  }

  async #ready(): Promise<void> {
    this.#running?.ready();
  }

  async #stop(): Promise<void> {
    await this.#running?.stop();
  }

  async #writeTemplate(): Promise<void> {
    const { writeFile } = await import('node:fs/promises');
    const template = await compileTemplate(this.#serverless);
    await writeFile(String(this.#options.out), `${JSON.stringify(template, undefined, 2)}\n`);
  }
}
