import { Worker } from 'node:worker_threads';
import type { Invocation } from '../contract.ts';
import type { ReportedError, WorkerEvent, WorkerMessage, WorkerStart } from './messages.ts';

export interface SandboxSettings {
  readonly start: WorkerStart;
  readonly env: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  /** One line that the handler wrote; `requestId` is of the event under way. */
  readonly onLine: (line: string, requestId: string | undefined) => void;
}

/** AWS allows ten seconds for loading a function's code. */
const initTimeoutMs = 10_000;

/**
 * Each thread compiles for itself: without the cache a cold start takes nearly twice as long, and the compiler of
 * TypeScript, which then stays, takes 15 MB. So the cache is on before the first `.ts` file.
 */
const entry =
  "require('node:module').enableCompileCache();" +
  `import(${JSON.stringify(import.meta.resolve('./worker.ts'))});`;

/**
 * One execution environment: a worker thread with the function's own variables and memory. It takes one
 * event at a time, and ends for good when the handler takes it down or runs out of time.
 */
export class Sandbox {
  /** Fulfils with undefined when the handler is loaded, or with what went wrong. Never rejects. */
  readonly ready: Promise<ReportedError | undefined>;
  /** Fulfils when the thread is gone. */
  readonly ended: Promise<void>;
  readonly #worker: Worker;
  #alive = true;
  #requestId: string | undefined;
  #settle: ((outcome: Invocation) => void) | undefined;

  constructor(settings: SandboxSettings) {
    this.#worker = new Worker(entry, {
      eval: true,
      workerData: settings.start,
      env: settings.env,
      argv: [],
      execArgv: [],
      stdout: true,
      stderr: true,
      // Most of what a handler makes is garbage at once: a young generation of V8's own choice only grows with it.
      resourceLimits: { maxOldGenerationSizeMb: settings.memoryMb, maxYoungGenerationSizeMb: 4 },
    });
    const started = Promise.withResolvers<ReportedError | undefined>();
    const ended = Promise.withResolvers<void>();
    this.ready = started.promise;
    this.ended = ended.promise;
    const tooLong = setTimeout(() => this.#timeOut(initTimeoutMs), initTimeoutMs);
    this.#settle = (outcome) => {
      clearTimeout(tooLong);
      started.resolve(outcome.ok ? undefined : outcome.error);
    };
    this.#worker.on('message', (message: WorkerMessage) => this.#hear(message));
    this.#worker.on('error', (error) => this.#finish(failure(crash(error, this.#requestId))));
    this.#worker.on('exit', (code) => {
      this.#alive = false;
      this.#finish(failure(exit(code, this.#requestId)));
      ended.resolve();
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) {
      eachLine(stream, (line) => settings.onLine(line, this.#requestId));
    }
  }

  /** False once the thread has ended or is about to. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Runs one event to its end or its timeout. Only when ready and not running another. Never rejects. */
  run(event: WorkerEvent): Promise<Invocation> {
    return new Promise((resolve) => {
      this.#requestId = event.requestId;
      const timer = setTimeout(() => this.#timeOut(event.timeoutMs), event.timeoutMs);
      this.#settle = (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      this.#worker.postMessage(event);
    });
  }

  /** Lets the thread give back what its events have left. Only when not running one. */
  rest(): void {
    this.#worker.postMessage('rest');
  }

  /** Takes the thread down, whatever it is doing. */
  async end(): Promise<void> {
    this.#alive = false;
    await this.#worker.terminate();
  }

  #hear(message: WorkerMessage): void {
    switch (message.kind) {
      case 'ready':
        this.#finish({ ok: true, payload: undefined });
        break;
      case 'result':
        this.#finish({ ok: true, payload: JSON.parse(message.payload) });
        break;
      case 'fatal':
        this.#alive = false;
        this.#finish(failure(message.error));
        break;
      case 'error':
        this.#finish(failure(message.error));
    }
  }

  #timeOut(ms: number): void {
    const seconds = (ms / 1000).toFixed(2);
    const message = `RequestId: ${this.#requestId ?? ''} Error: Task timed out after ${seconds} seconds`;
    this.#finish(failure({ errorType: 'Sandbox.Timedout', errorMessage: message, stackTrace: [] }));
    void this.end();
  }

  #finish(outcome: Invocation): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome);
  }
}

function failure(error: ReportedError): Invocation {
  return { ok: false, error };
}

function crash(error: unknown, requestId: string | undefined): ReportedError {
  const { code, message, name, stack } = error as NodeJS.ErrnoException;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    const errorMessage = `RequestId: ${requestId ?? ''} Error: Runtime exited with error: signal: killed`;
    return { errorType: 'Runtime.OutOfMemory', errorMessage, stackTrace: [] };
  }
  return { errorType: name, errorMessage: message, stackTrace: (stack ?? '').split('\n') };
}

function exit(code: number, requestId: string | undefined): ReportedError {
  const reason = code === 0 ? 'Runtime exited without providing a reason' : `exit status ${code}`;
  const what = code === 0 ? reason : `Runtime exited with error: ${reason}`;
  return {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId ?? ''} Error: ${what}`,
    stackTrace: [],
  };
}

function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) take(line);
  });
  stream.on('end', () => {
    if (rest) take(rest);
  });
}
