import { createHash, randomUUID } from 'node:crypto';
import { ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Photo } from '../../../lib/photos/photo.ts';
import { aCallerNamed, aDeclaration } from '../../support/callers.ts';
import { interrupted } from '../../support/interruptions.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';
import { aUniqueJpeg } from '../../support/photos.ts';

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/aws/dynamodb.ts')),
    ...(await import('../../../lib/aws/s3.ts')),
    ...(await import('../../../lib/photos/create.ts')),
    ...(await import('../../../lib/photos/manage.ts')),
    ...(await import('../../../lib/photos/mark-outdated.ts')),
    ...(await import('../../../lib/photos/photo.ts')),
    ...(await import('../../../lib/photos/progress.ts')),
    ...(await import('../../../lib/photos/slot.ts')),
    ...(await import('../../../lib/photos/upload.ts')),
    ...(await import('../../../lib/table/keys.ts')),
    ...(await import('../../../lib/table/write.ts')),
    makeRenditions: (await import('../../../functions/events/make-renditions.ts')).handler,
    failPhotos: (await import('../../../functions/events/fail-photos.ts')).handler,
    removeObjects: (await import('../../../functions/events/remove-objects.ts')).handler,
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

const DAY_MS = 86_400_000;
const ana = aCallerNamed('ana');

/** A photo whose file has arrived, and the message about it. */
async function arrival(file?: Buffer): Promise<{ photo: Photo; messages: SQSRecord[]; file: Buffer }> {
  const bytes = file ?? (await aUniqueJpeg());
  const sha256 = createHash('sha256').update(bytes).digest('base64');
  const { photo } = await lib.createPhoto(ana, aDeclaration({ sha256, bytes: bytes.length }));
  await lib.storeOriginal(photo, bytes);
  return { photo, messages: await stack.takeMessages('UploadsQueue'), file: bytes };
}

async function handle(handler: 'makeRenditions' | 'failPhotos', ...Records: (SQSRecord | undefined)[]) {
  const { batchItemFailures } = await lib[handler]({
    Records: Records.filter((record) => record !== undefined),
  });
  return batchItemFailures.length;
}

/** Every version and delete marker below a photo's prefixes, by key. */
async function objectsOf({ id }: Photo): Promise<string[]> {
  const pages = await Promise.all(
    [`originals/${id}/`, `renditions/${id}/`].map((Prefix) =>
      stack.s3.send(new ListObjectVersionsCommand({ Bucket: stack.mediaBucket, Prefix })),
    ),
  );
  return pages
    .flatMap(({ Versions = [], DeleteMarkers = [] }) => [...Versions, ...DeleteMarkers])
    .map(({ Key }) => String(Key))
    .sort();
}

/** What is left when all is done: the same however the way there was. */
async function outcome(photo: Photo) {
  const stored = await lib.findPhoto(photo.id);
  const keys = stored ? [stored.originalKey, ...stored.renditions.map(({ key }) => key)] : [];
  return { status: stored?.status, objects: await objectsOf(photo), named: [...new Set(keys)].sort() };
}

describe('makeRenditions', () => {
  it('makes one ready photo of many deliveries, side by side and late', async () => {
    const { photo, messages } = await arrival();
    await handle('makeRenditions', ...messages, ...messages);
    const ready = await lib.findPhoto(photo.id);
    await handle('makeRenditions', ...messages);
    expect(ready?.status).toBe('ready');
    expect(await lib.findPhoto(photo.id)).toEqual(ready);
    const { objects, named } = await outcome(photo);
    expect(objects).toEqual(named);
  });

  it('keeps one version of a file that was uploaded again and again', async () => {
    const { photo, messages, file } = await arrival();
    for (let again = 0; again < 3; again++) await lib.storeOriginal(photo, file);
    messages.push(...(await stack.takeMessages('UploadsQueue')));
    await handle('makeRenditions', messages[1], messages[2]);
    await handle('makeRenditions', ...messages.toReversed());
    const { status, objects, named } = await outcome(photo);
    expect(status).toBe('ready');
    expect(objects).toEqual(named);
  });

  it('keeps one version of a file that it has rejected', async () => {
    const { photo, messages, file } = await arrival(Buffer.from(`no picture at all, ${randomUUID()}`));
    await lib.storeOriginal(photo, file);
    await handle('makeRenditions', ...messages, ...(await stack.takeMessages('UploadsQueue')));
    expect(await outcome(photo)).toMatchObject({ status: 'rejected', objects: [photo.originalKey] });
  });

  it('keeps no file of a photo whose slot has expired and whose room others have taken', async () => {
    const { photo, messages, file } = await arrival();
    await lib.expire(photo, new Date(Date.now() + DAY_MS));
    const room = Number(process.env.UPLOAD_QUOTA_BYTES);
    await lib.update(lib.keys.storage(ana.userId), { bytes: room - file.length + 1 });
    try {
      await handle('makeRenditions', ...messages);
      expect(await outcome(photo)).toMatchObject({ status: 'rejected', objects: [] });
      await lib.storeOriginal(photo, file);
      await handle('makeRenditions', ...(await stack.takeMessages('UploadsQueue')));
      expect(await outcome(photo)).toMatchObject({ status: 'rejected', objects: [] });
    } finally {
      await lib.update(lib.keys.storage(ana.userId), { bytes: 0 });
    }
  });

  it('keeps one version of a file that was uploaded again while it waits to be rendered anew', async () => {
    const { photo, messages, file } = await arrival();
    await handle('makeRenditions', ...messages);
    await lib.markOutdatedPhoto(photo, new Date());
    await lib.storeOriginal(photo, file);
    await handle('makeRenditions', ...(await stack.takeMessages('UploadsQueue')));
    const { status, objects, named } = await outcome(photo);
    expect(status).toBe('ready');
    expect(objects).toEqual(named);
  });

  it('keeps nothing of a file that comes after its upload was given up, and changes nothing', async () => {
    const { photo, messages, file } = await arrival();
    await lib.abortUpload(photo);
    const given = await lib.findPhoto(photo.id);
    await handle('makeRenditions', ...messages);
    await lib.storeOriginal(photo, file);
    await handle('makeRenditions', ...messages, ...(await stack.takeMessages('UploadsQueue')));
    await handle('failPhotos', ...messages);
    expect(await lib.findPhoto(photo.id)).toEqual(given);
    expect(await objectsOf(photo)).toEqual([]);
  });

  it('makes a photo or leaves nothing where its upload is given up at any moment of the work', async () => {
    const clients = [lib.dynamodb, lib.s3] as never;
    const giveUp = (photo: Photo) =>
      lib.abortUpload(photo).catch((problem) => expect(problem).toMatchObject({ status: 409 }));
    const ends = new Set();
    for (let [at, given] = [0, true]; given; at++) {
      const { photo, messages } = await arrival();
      given = false;
      const once = async () => {
        given = true;
        await giveUp(photo);
      };
      await interrupted(clients, at, once, () => handle('makeRenditions', ...messages));
      const { status, objects, named } = await outcome(photo);
      ends.add(status);
      const expected = status === 'ready' ? { status, objects: named } : { status: 'expired', objects: [] };
      expect({ at, status, objects }).toEqual({ at, ...expected });
    }
    expect([...ends].sort()).toEqual(['expired', 'ready']);
  });

  it('looks at nothing but the original that the photo names', async () => {
    const { photo } = await arrival();
    const other = { Bucket: stack.mediaBucket, Key: `originals/${photo.id}/other`, Body: 'something' };
    await stack.s3.send(new PutObjectCommand(other));
    const messages = await stack.takeMessages('UploadsQueue');
    expect(await handle('makeRenditions', ...messages)).toBe(0);
    expect(await handle('failPhotos', ...messages)).toBe(0);
    expect((await lib.findPhoto(photo.id))?.status).toBe('uploading');
  });

  it.each(['before', 'after'] as const)('ends the same, killed %s any of its calls', async (when) => {
    const clients = [lib.dynamodb, lib.s3] as never;
    const calls = await interrupted(
      clients,
      -1,
      async () => {},
      async () => handle('makeRenditions', ...(await arrival()).messages),
    );
    for (let at = 0; at < calls; at++) {
      const { photo, messages } = await arrival();
      await interrupted(clients, at, when, () => handle('makeRenditions', ...messages));
      expect(await handle('makeRenditions', ...messages)).toBe(0);
      const { status, objects, named } = await outcome(photo);
      expect({ at, status, objects }).toEqual({ at, status: 'ready', objects: named });
    }
  });

  it('leaves nothing of a photo that is deleted for good at any moment of the work', async () => {
    const clients = [lib.dynamodb, lib.s3] as never;
    const purge = async (photo: Photo) => {
      await lib.trashPhoto(photo);
      await lib.purgePhoto((await lib.findPhoto(photo.id)) as Photo);
      const subject = { kind: 'photo', id: photo.id, ownerId: photo.ownerId };
      await lib.removeObjects({ Records: [await deletion(subject)] });
    };
    for (let [at, purged] = [0, true]; purged; at++) {
      const { photo, messages } = await arrival();
      purged = false;
      const purgeOnce = async () => {
        purged = true;
        await purge(photo);
      };
      await interrupted(clients, at, purgeOnce, async () => {
        if (await handle('makeRenditions', ...messages)) await handle('makeRenditions', ...messages);
      });
      if (!purged) await purge(photo);
      expect({ at, ...(await outcome(photo)) }).toEqual({ at, status: undefined, objects: [], named: [] });
    }
  });
});

async function deletion(subject: object): Promise<SQSRecord> {
  const event = {
    id: 'photo/deleted',
    type: 'photo.deleted',
    version: 9,
    time: new Date().toISOString(),
    correlationId: 'correlation-1',
    actor: { id: 'system' },
    subject,
    data: {},
  };
  return {
    messageId: randomUUID(),
    body: JSON.stringify(event),
    attributes: { ApproximateReceiveCount: '1' },
    messageAttributes: {},
  } as unknown as SQSRecord;
}
