import { randomBytes } from 'node:crypto';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type * as z from 'zod';
import type { partView, signedPartView } from '../../../lib/photos/parts.ts';
import type { inPartsView } from '../../../lib/photos/slot.ts';
import { MEDIA_BUCKET, s3 } from './aws.ts';
import type { Client } from './person.ts';
import { aPicture, declarationOf, type Handed, type Listed, type PhotoView, sha256Of } from './photos.ts';

export type UploadInParts = z.infer<typeof inPartsView>;
export type SignedPart = z.infer<typeof signedPartView>;
export type Part = z.infer<typeof partView>;

/** A PNG with something of no meaning behind its end, so that it has this length; each time another. */
export async function aLargePicture(bytes: number): Promise<Buffer> {
  const picture = await aPicture();
  return Buffer.concat([picture, randomBytes(bytes - picture.length)]);
}

/** A slot whose file is to come in parts. */
export async function aSlotInParts(person: Client, file: Buffer) {
  const { status, body } = await person.post<Handed>('/photos', declarationOf(file, { multipart: true }));
  expect(status).toBe(201);
  return { photo: body.photo, upload: body.upload as UploadInParts };
}

/** A part of the file, counted from 1. */
export function cut(file: Buffer, { partBytes }: UploadInParts, partNumber: number): Buffer {
  return file.subarray((partNumber - 1) * partBytes, partNumber * partBytes);
}

/** What a client says of the parts that it is about to send. */
export function askFor(file: Buffer, upload: UploadInParts, ...partNumbers: readonly number[]) {
  return {
    parts: partNumbers.map((partNumber) => ({
      partNumber,
      sha256: sha256Of(cut(file, upload, partNumber)),
    })),
  };
}

/** Presigned URLs for parts of the file. */
export async function signed(
  person: Client,
  { id }: PhotoView,
  file: Buffer,
  upload: UploadInParts,
  ...partNumbers: readonly number[]
): Promise<SignedPart[]> {
  const asked = askFor(file, upload, ...partNumbers);
  const { status, body } = await person.post<{ items: SignedPart[] }>(`/photos/${id}/upload/parts`, asked);
  expect(status).toBe(200);
  return body.items;
}

/** Sends bytes to where a part goes, as a browser does. */
export function putPart({ url, headers }: SignedPart, bytes: Buffer): Promise<Response> {
  return fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) });
}

/** Sends these parts of the file. */
export async function sendParts(
  person: Client,
  photo: PhotoView,
  file: Buffer,
  upload: UploadInParts,
  ...partNumbers: readonly number[]
): Promise<void> {
  for (const part of await signed(person, photo, file, upload, ...partNumbers)) {
    expect((await putPart(part, cut(file, upload, part.partNumber))).status).toBe(200);
  }
}

/** What has arrived, as the API tells. */
export async function arrived(person: Client, { id }: PhotoView): Promise<Part[]> {
  const { status, body } = await person.get<Listed<Part>>(`/photos/${id}/upload/parts`);
  expect(status).toBe(200);
  expect(body.nextCursor).toBeNull();
  return body.items;
}

export function complete<Body = { photo: PhotoView }>(person: Client, { id }: PhotoView) {
  return person.post<Body>(`/photos/${id}/upload/complete`);
}

/** The multipart uploads of a photo that S3 keeps parts for. */
export async function uploadsUnderWay({ id }: PhotoView): Promise<number> {
  const { Uploads = [] } = await s3.send(
    new ListMultipartUploadsCommand({ Bucket: MEDIA_BUCKET, Prefix: `originals/${id}/` }),
  );
  return Uploads.length;
}
