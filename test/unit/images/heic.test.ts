import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { decodeHeic } from '../../../lib/images/heic.ts';
import { inspectImage } from '../../../lib/images/inspect.ts';
import { renderRenditions } from '../../../lib/images/renditions.ts';
import { heicPhoto } from '../../support/photos.ts';

const task = { bytes: heicPhoto(), width: 48, height: 32, hasAlpha: false };
const corrupt = (detail: RegExp) =>
  expect.objectContaining({
    name: 'ImageRejected',
    code: 'corrupt-image',
    detail: expect.stringMatching(detail),
  });

afterEach(() => vi.restoreAllMocks());

describe('a HEIC photo', () => {
  it('is decoded to RGB, or RGBA where it has alpha', async () => {
    expect(await decodeHeic(task)).toMatchObject({
      width: 48,
      height: 32,
      channels: 3,
      data: { length: 48 * 32 * 3 },
    });
    const withAlpha = await decodeHeic({ ...task, hasAlpha: true });
    expect(withAlpha).toMatchObject({ channels: 4, data: { length: 48 * 32 * 4 } });
  });

  it('is refused when it is not decoded in time', async () => {
    await expect(decodeHeic(task, 1)).rejects.toEqual(corrupt(/not decoded after 0\.001 s/));
  });

  it('is given 20 s', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(AbortSignal.abort());
    await expect(decodeHeic(task)).rejects.toEqual(corrupt(/not decoded after 20 s/));
    expect(timeout).toHaveBeenCalledExactlyOnceWith(20_000);
  });

  it('that is not decoded in time leaves no thread at work, and the next one is decoded', async () => {
    const started = once(process, 'worker') as Promise<[Worker]>;
    await expect(decodeHeic(task, 1)).rejects.toEqual(corrupt(/not decoded/));
    const [worker] = await started;
    expect(worker.threadId).toBe(-1);
    expect(await decodeHeic(task)).toMatchObject({ width: 48, height: 32 });
  });

  it('is refused when its picture is not the one that was inspected', async () => {
    await expect(decodeHeic({ ...task, width: 64 })).rejects.toEqual(corrupt(/not 64 x 32/));
  });

  it('is refused when the decoder can make nothing of it', async () => {
    const bytes = heicPhoto();
    const facts = await inspectImage(bytes);
    bytes.fill(0, bytes.indexOf('hvcC') + 4, bytes.indexOf('hvcC') + 60);
    await expect(renderRenditions(bytes, facts)).rejects.toEqual(corrupt(/./));
  });
});
