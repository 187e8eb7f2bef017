import { createHash, randomUUID } from 'node:crypto';
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Photo } from '../../../lib/photos/photo.ts';
import { aCallerNamed, aDeclaration } from '../../support/callers.ts';
import { interrupted } from '../../support/interruptions.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';
import { aUniqueJpeg } from '../../support/photos.ts';

const MINUTE_MS = 60_000;

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/aws/dynamodb.ts')),
    ...(await import('../../../lib/aws/s3.ts')),
    ...(await import('../../../lib/photos/create.ts')),
    ...(await import('../../../lib/photos/manage.ts')),
    ...(await import('../../../lib/photos/outdated.ts')),
    ...(await import('../../../lib/photos/photo.ts')),
    ...(await import('../../../lib/photos/slot.ts')),
    ...(await import('../../../lib/photos/objects.ts')),
    ...(await import('../../../lib/overdue.ts')),
    ...(await import('../../../lib/table/keys.ts')),
    ...(await import('../../../lib/table/write.ts')),
    makeRenditions: (await import('../../../functions/events/make-renditions.ts')).handler,
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

const ana = aCallerNamed('ana');
const minutesOn = (minutes: number) => new Date(Date.now() + minutes * MINUTE_MS);
const found = async ({ id }: Photo) => (await lib.findPhoto(id)) as Photo;

async function deliver(messages: readonly SQSRecord[]): Promise<number> {
  return (await lib.makeRenditions({ Records: [...messages] })).batchItemFailures.length;
}

/** A ready photo whose renditions are named as another recipe would name them, and that recipe's objects. */
async function outdatedPhoto(): Promise<{ photo: Photo; older: string[] }> {
  const bytes = await aUniqueJpeg();
  const sha256 = createHash('sha256').update(bytes).digest('base64');
  const { photo } = await lib.createPhoto(ana, aDeclaration({ sha256, bytes: bytes.length }));
  await lib.storeOriginal(photo, bytes);
  await deliver(await stack.takeMessages('UploadsQueue'));
  const now = await found(photo);
  const renditions = now.renditions.map(({ name, format, width, height }) => ({
    ...{ name, format, width, height, bytes: Buffer.from(name) },
  }));
  await lib.removeRenditions(now.renditions.map(({ key }) => key));
  const older = await lib.storeRenditions(
    photo.id,
    sha256,
    renditions as never,
    (name) => `older ${name}`,
    'older',
  );
  await lib.update(lib.keys.photo(photo.id), { renditions: older });
  return { photo: await found(photo), older: older.map(({ key }) => key) };
}

/** What asking for the photo anew makes SNS send. */
async function asked(photo: Photo, now?: Date): Promise<SQSRecord[]> {
  const { outdated } = await lib.markOutdated({ dryRun: false }, now);
  return outdated.includes(photo.id) ? [message(photo)] : [];
}

function message({ id, ownerId }: Photo): SQSRecord {
  const event = {
    ...{ id: `photo/${id}/9`, type: 'photo.outdated', version: 9, time: new Date().toISOString() },
    ...{ correlationId: 'correlation-1', actor: { id: 'system' }, data: {} },
    subject: { kind: 'photo', id, ownerId },
  };
  return {
    ...{ messageId: randomUUID(), body: JSON.stringify(event), messageAttributes: {} },
    attributes: { ApproximateReceiveCount: '1' },
  } as unknown as SQSRecord;
}

async function renditionsOf({ id }: Photo): Promise<string[]> {
  const page = new ListObjectVersionsCommand({ Bucket: stack.mediaBucket, Prefix: `renditions/${id}/` });
  const { Versions = [], DeleteMarkers = [] } = await stack.s3.send(page);
  return [...Versions, ...DeleteMarkers].map(({ Key }) => String(Key)).sort();
}

const distinct = (keys: readonly string[]) => [...new Set(keys)].sort();
const keysOf = ({ renditions }: Photo) => distinct(renditions.map(({ key }) => key));

describe('a photo whose recipe has changed', () => {
  it('is rendered again once, however often it is delivered, and leaves no old object after a while', async () => {
    const { photo, older } = await outdatedPhoto();
    const messages = await asked(photo);
    expect(messages).toHaveLength(1);
    await deliver([...messages, ...messages]);
    const renewed = await found(photo);
    await deliver(messages);
    expect(await found(photo)).toEqual(renewed);
    expect(lib.isCurrent(renewed)).toBe(true);
    expect(await renditionsOf(photo)).toEqual(distinct([...older, ...keysOf(renewed)]));
    await lib.settleOverdue(minutesOn(19));
    expect(await renditionsOf(photo)).toEqual(distinct([...older, ...keysOf(renewed)]));
    await lib.settleOverdue(minutesOn(21));
    expect(await renditionsOf(photo)).toEqual(keysOf(renewed));
    expect(await found(photo)).toMatchObject({ status: 'ready' });
    expect((await lib.markOutdated({ dryRun: false })).outdated).not.toContain(photo.id);
  });

  it.each(['before', 'after'] as const)('ends the same, killed %s any call of the work', async (when) => {
    const clients = [lib.dynamodb, lib.s3] as never;
    const first = await outdatedPhoto();
    const work = await asked(first.photo);
    const calls = await interrupted(
      clients,
      -1,
      async () => {},
      async () => deliver(work),
    );
    for (let at = 0; at < calls; at++) {
      const { photo } = await outdatedPhoto();
      const messages = await asked(photo);
      await interrupted(clients, at, when, () => deliver(messages));
      expect((await found(photo)).status).toBe('ready');
      expect(await deliver(messages)).toBe(0);
      await lib.settleOverdue(minutesOn(21));
      const renewed = await found(photo);
      expect({ at, current: lib.isCurrent(renewed) }).toEqual({ at, current: true });
      expect(await renditionsOf(photo)).toEqual(keysOf(renewed));
    }
  });

  it('ends the same, killed at any call of the removal of what it showed', async () => {
    const clients = [lib.dynamodb, lib.s3] as never;
    for (let [at, calls] = [0, 1]; at < calls; at++) {
      const { photo } = await outdatedPhoto();
      await deliver(await asked(photo));
      calls = await interrupted(clients, at, 'after', () => lib.settleOverdue(minutesOn(21)));
      await lib.settleOverdue(minutesOn(22));
      expect(await renditionsOf(photo)).toEqual(keysOf(await found(photo)));
      if (calls === at + 1) break;
    }
  });

  it('leaves nothing where it is deleted for good at any moment of the work', async () => {
    const clients = [lib.dynamodb, lib.s3] as never;
    const purge = async (photo: Photo) => {
      await lib.trashPhoto(await found(photo));
      await lib.purgePhoto(await found(photo));
      await lib.removeObjects(photo.id);
    };
    for (let [at, purged] = [0, true]; purged; at++) {
      const { photo } = await outdatedPhoto();
      const messages = await asked(photo);
      purged = false;
      const purgeOnce = async () => {
        purged = true;
        await purge(photo);
      };
      await interrupted(clients, at, purgeOnce, async () => {
        if (await deliver(messages)) await deliver(messages);
      });
      if (!purged) await purge(photo);
      expect({ at, left: await renditionsOf(photo) }).toEqual({ at, left: [] });
    }
  });

  it('keeps its place in the trash, and its 30 days', async () => {
    const { photo } = await outdatedPhoto();
    await lib.trashPhoto(photo);
    await deliver(await asked(photo));
    const renewed = await found(photo);
    expect(lib.isCurrent(renewed)).toBe(true);
    expect(renewed.trashedAt).toBeDefined();
    await lib.settleOverdue(minutesOn(60));
    expect((await found(photo)).trashedAt).toBe(renewed.trashedAt);
    await lib.settleOverdue(minutesOn(31 * 24 * 60));
    expect(await lib.findPhoto(photo.id)).toBeUndefined();
  });

  it('keeps what it has where its file is not taken any more', async () => {
    const { photo, older } = await outdatedPhoto();
    const messages = await asked(photo);
    await lib.update(lib.keys.photo(photo.id), { sha256: createHash('sha256').digest('base64') });
    expect(await deliver(messages)).toBe(0);
    const kept = await found(photo);
    expect(kept).toMatchObject({ status: 'ready' });
    expect([kept.outdatedAt, keysOf(kept)]).toEqual([undefined, distinct(older)]);
  });

  it('is not taken up where no operator has asked', async () => {
    const { photo, older } = await outdatedPhoto();
    await deliver([message(photo)]);
    expect(keysOf(await found(photo))).toEqual(distinct(older));
  });
});

describe('going through the table', () => {
  it('finds each once over several calls, and changes nothing in a dry run', async () => {
    const photos = [await outdatedPhoto(), await outdatedPhoto(), await outdatedPhoto()];
    const versions = () => Promise.all(photos.map(async ({ photo }) => (await found(photo)).version));
    const before = await versions();
    const seen: string[] = [];
    let from: string | undefined;
    do {
      const part = await lib.markOutdated({ from, dryRun: true });
      seen.push(...part.outdated);
      from = part.next;
    } while (from !== undefined);
    expect(await versions()).toEqual(before);
    for (const { photo } of photos) expect(seen.filter((id) => id === photo.id)).toEqual([photo.id]);
  });
});
