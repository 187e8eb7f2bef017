import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CHROMIUM, type OpenPage, openPage } from '../support/browser/browser.ts';
import type { Uploads } from '../support/browser/page.ts';
import { objectsOf } from '../support/e2e/aws.ts';
import { uploadsUnderWay } from '../support/e2e/parts.ts';
import { aPerson, type Person } from '../support/e2e/person.ts';
import { type Listed, type PhotoView, settled } from '../support/e2e/photos.ts';
import { stack } from '../support/e2e/stack.ts';

const BYTES = 150_000_000;
const PARTS = 18;
const FORM_BYTES = 4_000_000;

/** What the page's window has. */
type Window = { readonly uploads: Uploads };

if (!CHROMIUM) console.warn('No Chromium in CHROME_PATH or /usr/bin: uploads from a browser are not tested.');

describe.skipIf(!CHROMIUM)('uploads from a browser', { timeout: 240_000 }, () => {
  let folder: string;
  let opened: OpenPage;
  let alice: Person;
  /** The numbers of the parts that S3 has taken, in their order. */
  let taken: number[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'afterparty-browser-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  beforeEach(async () => {
    alice = await aPerson('alice');
    opened = await openPage();
    taken = [];
    opened.page.on('response', (response) => {
      const part = new URL(response.url()).searchParams.get('partNumber');
      if (part !== null && response.request().method() === 'PUT' && response.ok()) taken.push(Number(part));
    });
  });
  afterEach(() => opened.close());

  /** A real picture, and behind its end what viewers and decoders pass over. */
  async function aJpegOf(bytes: number): Promise<string> {
    const picture = sharp({ create: { width: 640, height: 480, channels: 3, background: '#208040' } });
    const jpeg = await picture.jpeg().toBuffer();
    const path = join(folder, 'photo.jpg');
    await writeFile(path, Buffer.concat([jpeg, randomBytes(bytes - jpeg.length)]));
    return path;
  }

  /** Starts an upload of a file of this length in the page; what it comes to is kept there. */
  const start = async (way: 'byUppy' | 'byClient', bytes = BYTES) => {
    await opened.page.setInputFiles('input', await aJpegOf(bytes));
    await opened.page.evaluate(
      ([way, api]) => {
        const page = globalThis as unknown as Window & { document: never; outcome: unknown };
        const input = (page.document as { querySelector(name: string): { files: Blob[] } }).querySelector(
          'input',
        );
        page.outcome = page.uploads[way](input.files[0] as Blob, api);
      },
      [way, { api: stack.baseUrl, token: alice.accessToken }] as const,
    );
  };

  const outcome = () =>
    opened.page.evaluate(() => (globalThis as unknown as { outcome: Promise<unknown> }).outcome);

  const percentIs = (least: number) =>
    opened.page.waitForFunction(
      (least) => (globalThis as unknown as Window).uploads.percent >= least,
      least,
      {
        timeout: 120_000,
      },
    );

  async function itsPhoto(): Promise<PhotoView> {
    const { body } = await alice.get<Listed<PhotoView>>('/me/photos');
    expect(body.items).toHaveLength(1);
    return settled(alice, body.items[0]?.id ?? '');
  }

  async function expectWhole(): Promise<void> {
    expect(taken.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: PARTS }, (_, i) => i + 1),
    );
    const photo = await itsPhoto();
    expect(photo).toMatchObject({ status: 'ready', format: 'jpeg', width: 640, height: 480, bytes: BYTES });
    expect(await uploadsUnderWay(photo)).toBe(0);
    expect(await objectsOf(photo.id)).toHaveLength(7);
  }

  /** Lets the page send this many bytes a second. */
  async function slowDown(uploadThroughput: number): Promise<void> {
    const devTools = await opened.page.context().newCDPSession(opened.page);
    const asIs = { offline: false, latency: 0, downloadThroughput: -1 };
    await devTools.send('Network.emulateNetworkConditions', { ...asIs, uploadThroughput });
  }

  it('tell how far a form is while it is sent', async () => {
    await slowDown(2_000_000);
    await start('byClient', FORM_BYTES);
    expect(await outcome()).toMatchObject({
      status: expect.stringMatching(/^(uploading|processing|ready)$/),
    });
    const told = await opened.page.evaluate(() => (globalThis as unknown as Window).uploads.told);
    expect(told).toEqual(told.toSorted((one, other) => one - other));
    expect(new Set(told.filter((bytes) => bytes > 0 && bytes < FORM_BYTES)).size).toBeGreaterThan(2);
    expect(told.at(-1)).toBe(FORM_BYTES);
    expect(await itsPhoto()).toMatchObject({ status: 'ready', bytes: FORM_BYTES });
  });

  it('are given up on the server too when they are aborted, though the page is left at once', async () => {
    await slowDown(500_000);
    await start('byClient', FORM_BYTES);
    await percentIs(5);
    await opened.page.evaluate(() => (globalThis as unknown as Window).uploads.leave());
    await vi.waitFor(async () => expect((await itsPhoto()).status).toBe('expired'), { timeout: 20_000 });
  });

  it('go on where they lost the connection when Uppy is asked to try again', async () => {
    await start('byUppy');
    await percentIs(45);
    await opened.page.route(/partNumber=/, (part) => part.abort('internetdisconnected'));
    expect(await outcome()).toEqual([expect.stringContaining('Network')]);
    expect(taken.length).toBeGreaterThanOrEqual(6);
    expect(taken.length).toBeLessThan(PARTS);
    await opened.page.unroute(/partNumber=/);
    expect(await opened.page.evaluate(() => (globalThis as unknown as Window).uploads.retry())).toEqual([]);
    await expectWhole();
  });

  it('go on by themselves with the client', async () => {
    await start('byClient');
    await percentIs(45);
    await opened.page.context().setOffline(true);
    expect(taken.length).toBeLessThan(PARTS);
    await opened.page.context().setOffline(false);
    expect(await outcome()).toMatchObject({ status: 'processing' });
    await expectWhole();
  });
});
