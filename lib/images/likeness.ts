/** What comes often enough to be called by its name: where its first bytes stand, and which they are. */
const SIGNATURES: readonly (readonly [name: string, at: number, ...starts: string[]])[] = [
  ['a PDF document', 0, '%PDF-'],
  ['a TIFF image or raw photo', 0, 'II*\0', 'MM\0*'],
  ['a raw photo', 0, 'FUJIFILMCCD-RAW', 'IIRO', 'IIU\0'],
  ['a raw photo', 4, 'ftypcrx '],
  ['a BMP image', 0, 'BM'],
  ['a JPEG XL image', 0, '\xff\x0a', '\0\0\0\x0cJXL '],
  ['a JPEG 2000 image', 0, '\0\0\0\x0cjP  '],
  ['a Photoshop document', 0, '8BPS'],
  ['a video', 4, 'ftypiso', 'ftypmp4', 'ftypM4V', 'ftypqt', 'ftypavc1', 'ftyp3gp'],
  ['a video', 0, '\x1aE\xdf\xa3'],
  ['an archive', 0, 'PK\x03\x04', '\x1f\x8b', 'Rar!', '7z\xbc\xaf'],
];
const MARKUP: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['a web page', /^\s*<(!doctype html|html|head|body|script)[\s>]/i],
  ['an SVG drawing', /^\s*<.*<svg[\s>]|^\s*<svg[\s>]/is],
];
const LOOKED_AT_BYTES = 512;

/** What a file that isn't taken looks like, for its owner; undefined for bytes of any other kind. */
export function likenessOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, LOOKED_AT_BYTES));
  const text = head.toString('latin1');
  const [named] =
    SIGNATURES.find(([, at, ...starts]) => starts.some((start) => text.startsWith(start, at))) ??
    MARKUP.find(([, pattern]) => pattern.test(text)) ??
    [];
  return named;
}
