import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Invocation } from '../contract.ts';
import type { LambdaFunction } from './function.ts';

/** A log of this size gives way to a new one at the next start, in bytes. */
const rotateAt = 20 * 1024 * 1024;

/**
 * What the handlers write: every line, with its function's name in front, in one file. The terminal sees
 * what failed, and all of it on request.
 */
export class FunctionLog {
  readonly #file: number;
  readonly #show: (line: string) => void;
  readonly #showAll: boolean;
  #open = true;

  constructor(file: string, show: (line: string) => void, showAll: boolean) {
    mkdirSync(dirname(file), { recursive: true });
    if (existsSync(file) && statSync(file).size > rotateAt) renameSync(file, `${file}.1`);
    this.#file = openSync(file, 'a');
    this.#show = show;
    this.#showAll = showAll;
  }

  write({ key }: LambdaFunction, line: string): void {
    this.#append(`${key} ${line}`);
    const error = errorIn(line);
    if (this.#showAll) this.#show(`${key} ${line}`);
    else if (error) this.#show(`${key}: ${error}`);
  }

  failed({ key }: LambdaFunction, outcome: Invocation): void {
    if (outcome.ok) return;
    const { errorType, errorMessage, stackTrace } = outcome.error;
    this.#append(`${key} ${JSON.stringify({ level: 'ERROR', errorType, errorMessage, stackTrace })}`);
    this.#show(`${key} failed: ${errorType}: ${errorMessage}`);
  }

  close(): void {
    this.#open = false;
    closeSync(this.#file);
  }

  /** A worker's last lines may come after it has ended. */
  #append(line: string): void {
    if (this.#open) writeSync(this.#file, `${line}\n`);
  }
}

/** The message of a structured line of level ERROR; undefined for every other line. */
function errorIn(line: string): string | undefined {
  if (!/"level":"(ERROR|CRITICAL)"/.test(line)) return undefined;
  try {
    const { message, error } = JSON.parse(line) as { message?: string; error?: { message?: string } };
    return [message, error?.message].filter(Boolean).join(': ');
  } catch {
    return undefined;
  }
}
