import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { formatOf, sniffFormat } from '../../../lib/images/sniff.ts';
import { heicPhoto, quadrants } from '../../support/photos.ts';

function heif(major: string, ...compatible: string[]): Buffer {
  const brands = Buffer.from(`ftyp${major}\0\0\0\0${compatible.join('')}`, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(4 + brands.length);
  return Buffer.concat([length, brands, Buffer.alloc(64)]);
}

describe('the format of a file', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)('is %s by its content', async (format) => {
    expect(
      sniffFormat(
        await sharp(await quadrants(8, 8))
          [format]()
          .toBuffer(),
      ),
    ).toBe(format);
  });

  it('is heic by its content', () => {
    expect(sniffFormat(heicPhoto())).toBe('heic');
  });

  it.each([
    ['a brand of its own', heif('avif', 'mif1', 'miaf'), 'avif'],
    ['a sequence', heif('avis', 'msf1'), 'avif'],
    ['a general brand with a particular one', heif('mif1', 'miaf', 'heic'), 'heic'],
    ['a general brand with AVIF', heif('mif1', 'avif'), 'avif'],
    ['a ten-bit picture', heif('heix', 'mif1'), 'heic'],
    ['a multi-layer picture', heif('heim'), 'heic'],
    ['only general brands', heif('mif1', 'miaf'), 'heic'],
    ['an MP4 film', heif('isom', 'iso2', 'mp41'), undefined],
    ['a QuickTime film', heif('qt  '), undefined],
    ['a Canon raw file', heif('crx ', 'isom'), undefined],
  ])('is read from the brands of a HEIF file: %s', (_, bytes, expected) => {
    expect(sniffFormat(bytes)).toBe(expected);
  });

  it.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['HTML', '<!doctype html><script>alert(1)</script>'],
    ['PDF', '%PDF-1.7 and some more'],
    ['ZIP', 'PK\x03\x04 and some more bytes'],
    ['BMP', 'BM and some more bytes of it'],
    ['TIFF', 'II\x2a\0 and some more bytes'],
    ['a RIFF that is no WebP', 'RIFF\x10\0\0\0WAVEfmt '],
    ['nothing', ''],
  ])('is none for %s', (_, text) => {
    expect(sniffFormat(Buffer.from(text, 'latin1'))).toBeUndefined();
  });

  it('is still png where line ends were translated on the way', async () => {
    const png = await quadrants(8, 8);
    const translated = Buffer.concat([png.subarray(0, 4), Buffer.from('\n\n'), png.subarray(6)]);
    expect(sniffFormat(translated)).toBe('png');
  });
});

describe('a file that is not taken', () => {
  it.each([
    ['an SVG drawing', '<?xml version="1.0"?><!-- a drawing --><svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['a web page', '<!DOCTYPE html><svg></svg>'],
    ['a PDF document', '%PDF-1.7 and some more'],
    ['an archive', 'PK\x03\x04 and some more bytes'],
    ['a BMP image', 'BM\x10\x20\0\0\0\0\0\0 and more'],
    ['a TIFF image or raw photo', 'MM\0\x2a and some more bytes'],
    ['a raw photo', '\0\0\0\x18ftypcrx \0\0\0\x01'],
    ['a video', '\0\0\0\x18ftypqt  \0\0\0\0'],
    ['a JPEG XL image', '\xff\x0a and some more bytes'],
  ])('is told to be like %s', (likeness, text) => {
    expect(() => formatOf(Buffer.from(text, 'latin1'))).toThrow(`HEIC image; this looks like ${likeness}.`);
  });

  it('is told to be none where it is like nothing', () => {
    expect(() => formatOf(Buffer.from('RIFF\x10\0\0\0WAVEfmt '))).toThrow('the bytes are none');
  });
});
