import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHROMIUM, type OpenPage, openPage } from '../support/browser/browser.ts';
import type { Uploads } from '../support/browser/page.ts';
import { objectsOf } from '../support/e2e/aws.ts';
import { uploadsUnderWay } from '../support/e2e/parts.ts';
import { aPerson, type Person } from '../support/e2e/person.ts';
import { type Listed, type PhotoView, settled } from '../support/e2e/photos.ts';
import { stack } from '../support/e2e/stack.ts';

const BYTES = 150_000_000;
const PARTS = 18;

/** What the page's window has. */
type Window = { readonly uploads: Uploads };

if (!CHROMIUM) console.warn('No Chromium in CHROME_PATH or /usr/bin: uploads from a browser are not tested.');

describe.skipIf(!CHROMIUM)(
  '150 MB from a browser that loses its connection half-way',
  { timeout: 240_000 },
  () => {
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
      await opened.page.setInputFiles('input', await aLargeJpeg());
    });
    afterEach(() => opened.close());

    /** A real picture, and behind its end what viewers and decoders pass over. */
    async function aLargeJpeg(): Promise<string> {
      const picture = sharp({ create: { width: 640, height: 480, channels: 3, background: '#208040' } });
      const jpeg = await picture.jpeg().toBuffer();
      const path = join(folder, 'photo.jpg');
      await writeFile(path, Buffer.concat([jpeg, randomBytes(BYTES - jpeg.length)]));
      return path;
    }

    /** Starts an upload of the chosen file in the page; what it comes to is kept there. */
    const start = (way: 'byUppy' | 'byClient') =>
      opened.page.evaluate(
        ([way, api]) => {
          const page = globalThis as unknown as Window & { document: never; outcome: unknown };
          const input = (page.document as { querySelector(name: string): { files: Blob[] } }).querySelector(
            'input',
          );
          page.outcome = page.uploads[way](input.files[0] as Blob, api);
        },
        [way, { api: stack.baseUrl, token: alice.accessToken }] as const,
      );

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

    it('goes on where it stopped when Uppy is asked to try again', async () => {
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

    it('goes on by itself with the client', async () => {
      await start('byClient');
      await percentIs(45);
      await opened.page.context().setOffline(true);
      expect(taken.length).toBeLessThan(PARTS);
      await opened.page.context().setOffline(false);
      expect(await outcome()).toMatchObject({ status: 'processing' });
      await expectWhole();
    });
  },
);
