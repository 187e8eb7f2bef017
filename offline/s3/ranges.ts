import { ServiceError } from '../contract.ts';

/** A stretch of an object's bytes: from `from` up to, not including, `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads a Range header. What isn't a single range of bytes asks for everything, as S3 has it: undefined.
 * @throws ServiceError InvalidRange (416) for a range with no byte in the object
 */
export function byteRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes\s*=\s*(\d*)\s*-\s*(\d*)$/.exec(header?.trim() ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return undefined;
  if (first !== '' && last !== '' && Number(first) > Number(last)) return undefined;
  const from = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const to = first === '' || last === '' ? size : Math.min(Number(last) + 1, size);
  if (from < to) return { from, to };
  throw new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416, {
    RangeRequested: header,
    ActualObjectSize: size,
  });
}
