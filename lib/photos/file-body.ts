import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type BodyReader, bytesOf, jsonBody, mediaTypeOf, unsupportedMediaType } from '../http/body.ts';
import type { ApiEvent } from '../http/call.ts';
import { parseFields } from '../http/parse.ts';
import { ImageRejected, type RejectionCode } from '../images/rejection.ts';
import { formatOf, type ImageFormat } from '../images/sniff.ts';
import { Problem } from '../problem.ts';
import { type Declared, declaredSchema, describedSchema } from './create.ts';

/**
 * API Gateway hands a Lambda at most 6 MB, and a binary body arrives in base64, a third longer; what is left
 * beside the headers is this.
 */
export const MAX_BODY_BYTES = 4_500_000;

/** A photo handed in: what is declared of the file, and the file itself where it came along. */
export interface HandedIn {
  readonly declared: Declared;
  readonly file: Buffer | undefined;
}

const ACCEPTED = ['application/json', 'multipart/form-data', 'image/*'];

const formSchema = describedSchema.extend({ file: z.file() });
const binary = z.string().meta({ format: 'binary' });

/** The body of `POST /photos`: a declaration in JSON, a browser's form with the file, or the file alone. */
export const fileBody: BodyReader<HandedIn> = {
  content: {
    'application/json': declaredSchema,
    'multipart/form-data': describedSchema.extend({ file: binary }),
    'image/*': binary,
  },
  read: async (event) => {
    const type = mediaTypeOf(event);
    if (type === 'application/json') {
      return { declared: await jsonBody(declaredSchema).read(event), file: undefined };
    }
    const bytes = bytesOf(event);
    if (bytes.length > MAX_BODY_BYTES) throw tooLarge(bytes.length);
    if (type === 'multipart/form-data') return fromForm(event, bytes);
    if (type.startsWith('image/')) return withFile(described(event.queryStringParameters ?? {}), bytes);
    throw unsupportedMediaType(ACCEPTED, type);
  },
};

async function fromForm(event: ApiEvent, bytes: Buffer): Promise<HandedIn> {
  const form = await parseForm(event.headers['content-type'] ?? '', bytes);
  const { file, ...fields } = parseFields(
    formSchema.omit({ tags: true }).extend({ tags: z.unknown() }),
    { ...Object.fromEntries(form), tags: form.getAll('tags').join(',') },
    'form',
  );
  return withFile(described(fields), Buffer.from(await file.arrayBuffer()));
}

async function parseForm(contentType: string, bytes: Buffer): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw new Problem(
      400,
      'unparsable',
      'The body is not the multipart/form-data that its content type announces.',
    );
  }
}

/** Forms and queries carry text only: tags come with commas between them. */
function described(fields: Readonly<Record<string, unknown>>): z.infer<typeof describedSchema> {
  const { tags, ...others } = fields;
  const list = typeof tags === 'string' ? tags.split(',').filter((tag) => tag.trim() !== '') : undefined;
  return parseFields(describedSchema, { ...others, ...(list && { tags: list }) }, 'description');
}

function withFile(fields: z.infer<typeof describedSchema>, file: Buffer): HandedIn {
  const format = formatFound(file);
  const sha256 = createHash('sha256').update(file).digest('base64');
  return { declared: { ...fields, contentType: `image/${format}`, bytes: file.length, sha256 }, file };
}

/** How a photo that the thumbnailer would reject at its first bytes is refused; larger ones have been before. */
const STATUSES: Readonly<Partial<Record<RejectionCode, number>>> = {
  'empty-file': 400,
  'unsupported-format': 415,
};

function formatFound(file: Buffer): ImageFormat {
  try {
    return formatOf(file);
  } catch (error) {
    if (!(error instanceof ImageRejected)) throw error;
    throw new Problem(STATUSES[error.code] ?? 422, error.code, error.detail);
  }
}

function tooLarge(length: number): Problem {
  return new Problem(
    413,
    'too-large',
    `The body has ${length} bytes; at most ${MAX_BODY_BYTES} come through here. Declare the file in JSON instead, and send it to the upload form of the answer.`,
  );
}
