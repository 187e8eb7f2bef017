import type { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { ServiceError } from '../../contract.ts';
import type { IncomingRequest } from '../http.ts';
import { bytesOf, toReadable } from './payload.ts';

/** A browser's upload form, up to the first byte of its file. */
export interface UploadForm {
  /** The fields before the file, by lower-case name; those after it are ignored, as S3 does. */
  readonly fields: ReadonlyMap<string, string>;
  /** The file's name without folders. */
  readonly filename: string;
  /** The file's bytes; ends in an error where the form breaks off. */
  readonly file: Readable;
}

/** The longest that the fields before the file may be together, in bytes. */
const MAX_FIELDS_SIZE = 20 * 1024;

/**
 * Reads a multipart/form-data body as far as the beginning of the part named `file`.
 * @throws ServiceError MalformedPOSTRequest, InvalidArgument, MaxPostPreDataLengthExceededError
 */
export function readUploadForm(request: IncomingRequest): Promise<UploadForm> {
  return new Promise((resolve, reject) => {
    const source = toReadable(bytesOf(request));
    const fields = new Map<string, string>();
    let size = 0;
    const stop = () => {
      source.unpipe(form);
      source.destroy();
    };
    const fail = (error: unknown) => {
      stop();
      reject(error);
    };
    const form = parserFor(request)
      .on('field', (name, value, _, truncated) => {
        size += name.length + value.length;
        if (truncated || size > MAX_FIELDS_SIZE) fail(fieldsTooLong());
        else if (fields.has(name.toLowerCase())) fail(invalid(name, 'This field is given twice.'));
        else fields.set(name.toLowerCase(), value);
      })
      .on('file', (_name, file, filename) => {
        file.once('close', stop);
        source.once('error', (error) => file.destroy(error));
        resolve({ fields, filename: filename ?? '', file });
      })
      .on('finish', () => fail(invalid('file', 'POST requires exactly one file upload per request.')))
      .on('error', () => fail(malformedForm()));
    source.once('error', fail);
    source.pipe(form);
  });
}

export function malformedForm(): ServiceError {
  return new ServiceError(
    'MalformedPOSTRequest',
    'The body of your POST request is not well-formed multipart/form-data.',
    400,
  );
}

function parserFor(request: IncomingRequest): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': request.headers['content-type'] ?? '' },
      isPartAFile: (name) => name?.toLowerCase() === 'file',
      limits: { fieldSize: MAX_FIELDS_SIZE },
    });
  } catch {
    throw malformedForm();
  }
}

function invalid(argument: string, message: string): ServiceError {
  return new ServiceError('InvalidArgument', message, 400, { ArgumentName: argument });
}

function fieldsTooLong(): ServiceError {
  return new ServiceError(
    'MaxPostPreDataLengthExceededError',
    `Your POST request fields preceding the upload file were too large. (${MAX_FIELDS_SIZE} bytes are allowed)`,
    400,
  );
}
