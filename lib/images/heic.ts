import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { HeicAnswer, HeicTask } from './heic-worker.ts';
import { HEIC_TIMEOUT_MS } from './limits.ts';
import type { Raster } from './raster.ts';
import { damaged } from './rejection.ts';

/**
 * Decodes a HEIC photo, upright, in the colours of its own profile. It runs as WebAssembly in a thread of its
 * own, because nothing else ends a decoder that doesn't come back, or keeps its memory apart.
 *
 * @throws ImageRejected `corrupt-image` where it can't be decoded, or not within `timeoutMs`
 */
export async function decodeHeic(task: HeicTask, timeoutMs = HEIC_TIMEOUT_MS): Promise<Raster> {
  const worker = new Worker(new URL('./heic-worker.ts', import.meta.url), {
    workerData: task,
    // The decoder writes its complaints to the console, and options of the process may not suit a thread.
    stdout: true,
    stderr: true,
    execArgv: [],
    env: {},
  });
  try {
    const [answer] = (await once(worker, 'message', { signal: AbortSignal.timeout(timeoutMs) })) as [
      HeicAnswer,
    ];
    if ('problem' in answer) throw damaged(answer.problem);
    const { width, height, hasAlpha } = task;
    return { data: Buffer.from(answer.pixels.buffer), width, height, channels: hasAlpha ? 4 : 3 };
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') {
      throw damaged(`it is not decoded after ${timeoutMs / 1000} s`);
    }
    throw error;
  } finally {
    await worker.terminate();
  }
}
