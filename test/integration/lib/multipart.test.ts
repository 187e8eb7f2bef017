import { createHash, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Photo } from '../../../lib/photos/photo.ts';
import { aCallerNamed, aDeclaration } from '../../support/callers.ts';
import { interrupted } from '../../support/interruptions.ts';
import { type LibStack, startLibStack } from '../../support/lib-stack.ts';

const PART = 8 * 1024 * 1024;
/** Two parts, the second of a thousand bytes. */
const FILE = randomBytes(PART + 1_000);

let stack: LibStack;
let lib: Awaited<ReturnType<typeof importLib>>;

async function importLib() {
  return {
    ...(await import('../../../lib/aws/dynamodb.ts')),
    ...(await import('../../../lib/aws/s3.ts')),
    ...(await import('../../../lib/correlation.ts')),
    ...(await import('../../../lib/overdue.ts')),
    ...(await import('../../../lib/photos/create.ts')),
    ...(await import('../../../lib/photos/make.ts')),
    ...(await import('../../../lib/photos/manage.ts')),
    ...(await import('../../../lib/photos/objects.ts')),
    ...(await import('../../../lib/photos/photo.ts')),
    ...(await import('../../../lib/photos/slot.ts')),
    ...(await import('../../../lib/photos/upload.ts')),
  };
}

beforeAll(async () => {
  stack = await startLibStack();
  lib = await importLib();
});

afterAll(() => stack.stop());

const start = new Date('2026-05-01T10:00:00.000Z');
const at = (hours: number) => new Date(start.getTime() + hours * 3_600_000);
const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64');
const cut = (partNumber: number) => FILE.subarray((partNumber - 1) * PART, partNumber * PART);
const asked = (...partNumbers: number[]) =>
  partNumbers.map((partNumber) => ({ partNumber, sha256: sha256Of(cut(partNumber)) }));

/** A slot for a file in two parts, whose whole nobody else has. */
async function aSlot(changes: Parameters<typeof aDeclaration>[0] = {}) {
  const caller = aCallerNamed('ana');
  const declared = aDeclaration({ bytes: FILE.length, multipart: true, ...changes });
  const { photo } = await lib.createPhoto(caller, declared, start);
  return { caller, declared, photo };
}

async function send(photo: Photo, ...partNumbers: number[]): Promise<void> {
  for (const { partNumber, url, headers } of await lib.signParts(photo, asked(...partNumbers), start)) {
    const answer = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(cut(partNumber)) });
    expect(answer.status).toBe(200);
  }
}

const now = async ({ id }: Photo) => (await lib.findPhoto(id)) as Photo;

async function uploadsOf({ id }: Photo) {
  const { Uploads = [] } = await stack.s3.send(
    new ListMultipartUploadsCommand({ Bucket: stack.mediaBucket, Prefix: `originals/${id}/` }),
  );
  return Uploads.map(({ UploadId }) => UploadId);
}

async function versionsOf({ id }: Photo): Promise<number> {
  const { Versions = [] } = await stack.s3.send(
    new ListObjectVersionsCommand({ Bucket: stack.mediaBucket, Prefix: `originals/${id}/` }),
  );
  return Versions.length;
}

describe('a slot for a file in parts', () => {
  it('has one upload, however many requests for it come together', async () => {
    const caller = aCallerNamed('ana');
    const declared = aDeclaration({ bytes: FILE.length, multipart: true });
    const handed = await Promise.all(
      Array.from({ length: 6 }, () => lib.createPhoto(caller, declared, start)),
    );
    const ids = new Set(handed.map(({ photo }) => photo.uploadId));
    expect(ids.size).toBe(1);
    expect(await uploadsOf(handed[0]?.photo as Photo)).toEqual([...ids]);
  });

  it('keeps type and correlation id of the file', async () => {
    const { photo } = await lib.correlated({ correlationId: 'an-upload', actorId: 'ana' }, () =>
      aSlot({ contentType: 'image/heic' }),
    );
    await send(photo, 1, 2);
    await lib.completeUpload(await now(photo), start);
    const head = await stack.s3.send(
      new HeadObjectCommand({ Bucket: stack.mediaBucket, Key: photo.originalKey, ChecksumMode: 'ENABLED' }),
    );
    expect(head).toMatchObject({
      ContentType: 'image/heic',
      ContentLength: FILE.length,
      Metadata: { 'correlation-id': 'an-upload' },
      ChecksumType: 'COMPOSITE',
      ChecksumSHA256: expect.stringMatching(/-2$/),
    });
  });

  it('is one that was to be filled by a form, once it is declared anew', async () => {
    const { caller, declared, photo } = await aSlot({ multipart: false });
    await expect(lib.signParts(photo, asked(1), start)).rejects.toMatchObject({
      status: 409,
      code: 'not-in-parts',
    });
    const again = await lib.createPhoto(caller, { ...declared, multipart: true }, start);
    expect(again).toMatchObject({ duplicate: true, photo: { id: photo.id } });
    await send(again.photo, 1);
    expect(await lib.arrivedParts(again.photo, start)).toHaveLength(1);
  });

  it('lives an hour longer each time that parts are asked for', async () => {
    const { photo } = await aSlot();
    await lib.signParts(photo, asked(1), at(0.9));
    await lib.settleOverdue(at(1.8));
    expect((await now(photo)).status).toBe('uploading');
    await lib.settleOverdue(at(1.95));
    expect((await now(photo)).status).toBe('expired');
    await expect(lib.signParts(await now(photo), asked(1), at(2))).rejects.toMatchObject({
      status: 410,
      code: 'upload-expired',
    });
  });

  it('ends a day after it was made, however busy it is, and makes way for a new one', async () => {
    const { caller, declared, photo } = await aSlot();
    for (let hour = 0.9; hour < 23.5; hour += 0.9) {
      const [part] = await lib.signParts(await now(photo), asked(1), at(hour));
      expect(Date.parse(part?.expiresAt ?? '')).toBeLessThanOrEqual(at(24).getTime());
    }
    await expect(lib.signParts(await now(photo), asked(1), at(24))).rejects.toMatchObject({ status: 410 });
    await expect(lib.completeUpload(await now(photo), at(24))).rejects.toMatchObject({ status: 410 });
    const again = await lib.createPhoto(caller, declared, at(24));
    expect(again.duplicate).toBe(false);
    await lib.settleOverdue(at(24.1));
    expect((await now(photo)).status).toBe('expired');
    expect((await now(again.photo)).status).toBe('uploading');
  });

  it('gets a new upload where S3 has lost the one that it had', async () => {
    const { photo } = await aSlot();
    await send(photo, 1);
    const { originalKey: Key, uploadId: UploadId } = photo;
    await stack.s3.send(new AbortMultipartUploadCommand({ Bucket: stack.mediaBucket, Key, UploadId }));
    await expect(lib.completeUpload(await now(photo), start)).rejects.toMatchObject({
      code: 'upload-incomplete',
      members: { missing: [1, 2] },
    });
    expect(await lib.arrivedParts(await now(photo), start)).toEqual([]);
    await send(await now(photo), 1, 2);
    expect((await lib.completeUpload(await now(photo), start)).status).toBe('processing');
  });
});

describe('completing', () => {
  it('says which parts are missing', async () => {
    const { photo } = await aSlot();
    await expect(lib.completeUpload(photo, start)).rejects.toMatchObject({
      status: 409,
      code: 'upload-incomplete',
      members: { missing: [1, 2] },
    });
    await send(photo, 2);
    await expect(lib.completeUpload(await now(photo), start)).rejects.toMatchObject({
      members: { missing: [1] },
    });
  });

  it('makes one file, however many ask for it at once, and afterwards', async () => {
    const { photo } = await aSlot();
    await send(photo, 2, 1);
    const known = await now(photo);
    const answers = await Promise.all(Array.from({ length: 6 }, () => lib.completeUpload(known, start)));
    answers.push(await lib.completeUpload(known, start), await lib.completeUpload(await now(photo), start));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['processing']));
    expect(await versionsOf(photo)).toBe(1);
    expect(await uploadsOf(photo)).toEqual([]);
    expect(await stack.takeMessages('UploadsQueue')).not.toEqual([]);
  });

  it.each(['before', 'after'] as const)('ends the same, killed %s any of its calls', async (what) => {
    for (let call = 0, calls = 1; call < calls; call++) {
      const { photo } = await aSlot();
      await send(photo, 1, 2);
      const known = await now(photo);
      const complete = () => lib.completeUpload(known, start);
      calls = 1 + (await interrupted([lib.s3, lib.dynamodb] as never, call, what, complete));
      expect((await complete()).status).toBe('processing');
      expect(await versionsOf(photo)).toBe(1);
      expect(await uploadsOf(photo)).toEqual([]);
    }
  });
});

describe('parts that nobody wants any more', () => {
  it('go when the upload is given up, which may be said again', async () => {
    const { caller, declared, photo } = await aSlot();
    await send(photo, 1);
    await lib.abortUpload(await now(photo), start);
    await lib.abortUpload(photo, start);
    expect((await now(photo)).status).toBe('expired');
    expect(await uploadsOf(photo)).toEqual([]);
    await expect(lib.completeUpload(await now(photo), start)).rejects.toMatchObject({ status: 410 });
    expect((await lib.createPhoto(caller, declared, start)).photo.id).not.toBe(photo.id);
  });

  it('go with uploads that were begun and never written down', async () => {
    for (let call = 0, calls = 1; call < calls; call++) {
      const caller = aCallerNamed('ana');
      const declared = aDeclaration({ bytes: FILE.length, multipart: true });
      const create = () => lib.createPhoto(caller, declared, start);
      calls = 1 + (await interrupted([lib.s3, lib.dynamodb] as never, call, 'after', create));
      const { photo } = await create();
      await lib.abortUpload(photo, start);
      expect(await uploadsOf(photo)).toEqual([]);
    }
  });

  it('stay where the file has arrived, as there is nothing to give up', async () => {
    const { photo } = await aSlot();
    await send(photo, 1, 2);
    await lib.completeUpload(await now(photo), start);
    await expect(lib.abortUpload(await now(photo), start)).rejects.toMatchObject({
      status: 409,
      code: 'not-uploading',
    });
    await expect(lib.abortUpload(photo, start)).rejects.toMatchObject({ status: 409 });
  });

  it('go when the file comes as a whole by the form', async () => {
    const { photo } = await aSlot({ sha256: sha256Of(FILE) });
    await send(photo, 1);
    await lib.storeOriginal(photo, FILE);
    await lib.makeRenditions({ photoId: photo.id, key: photo.originalKey, versionId: undefined });
    expect((await now(photo)).status).toBe('rejected');
    expect(await uploadsOf(photo)).toEqual([]);
  });

  it('go with a photo that is deleted for good', async () => {
    const { photo } = await aSlot();
    await send(photo, 1);
    await lib.trashPhoto(photo, start);
    await lib.purgePhoto(await now(photo));
    await lib.removeObjects(photo.id);
    expect(await uploadsOf(photo)).toEqual([]);
  });
});
