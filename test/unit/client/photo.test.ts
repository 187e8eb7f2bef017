import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { waitForPhoto } from '../../../client/upload.ts';
import { aPhoto, json, lost, network, options } from './network.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const ROUTE = 'GET /photos/1';
const underWay = (retryAfter?: string) =>
  json(200, aPhoto({ status: 'processing' }), retryAfter === undefined ? {} : { 'retry-after': retryAfter });

describe('waiting for a photo', () => {
  it.each(['ready', 'rejected', 'failed', 'expired'] as const)('ends when it is %s', async (status) => {
    network({ [ROUTE]: [json(200, aPhoto()), underWay(), json(200, aPhoto({ status }))] });
    const waited = waitForPhoto('1', options());
    await vi.runAllTimersAsync();
    expect((await waited).status).toBe(status);
  });

  it.each([
    ['as often as the server says', '7', 7_000],
    ['every two seconds where it does not say', undefined, 2_000],
    ['every two seconds where that makes no sense', 'soon', 2_000],
    ['every thirty seconds at least', '3600', 30_000],
  ])('asks %s', async (_, retryAfter, ms) => {
    network({ [ROUTE]: [underWay(retryAfter), json(200, aPhoto({ status: 'ready' }))] });
    const began = Date.now();
    const waited = waitForPhoto('1', options());
    await vi.runAllTimersAsync();
    await waited;
    expect(Date.now() - began).toBe(ms);
  });

  it('survives a lost answer', async () => {
    network({ [ROUTE]: [lost, json(200, aPhoto({ status: 'ready' }))] });
    const waited = waitForPhoto('1', options());
    await vi.runAllTimersAsync();
    expect((await waited).status).toBe('ready');
  });

  it('throws what the API has against it', async () => {
    network({ [ROUTE]: [json(404, { code: 'not-found' })] });
    await expect(waitForPhoto('1', options())).rejects.toMatchObject({ status: 404, code: 'not-found' });
  });

  it('ends at once when it is aborted, and leaves no timer behind', async () => {
    const controller = new AbortController();
    network({ [ROUTE]: [underWay('7')] });
    const waited = waitForPhoto('1', options({ signal: controller.signal }));
    waited.catch(() => undefined);
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    controller.abort(new Error('changed my mind'));
    await expect(waited).rejects.toThrow('changed my mind');
    expect(vi.getTimerCount()).toBe(0);
  });
});
