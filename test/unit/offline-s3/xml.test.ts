import fc from 'fast-check';
import { expect, test } from 'vitest';
import { childText, parseXml, renderXml } from '../../../offline/s3/xml.ts';

test('what is rendered is read back, whatever the text', () => {
  const scalar = fc.integer({ min: 1, max: 0x10ffff }).filter((code) => code < 0xd800 || code > 0xdfff);
  const text = fc.array(scalar).map((codes) => String.fromCodePoint(...codes));
  fc.assert(
    fc.property(text, (key) => {
      expect(childText(parseXml(Buffer.from(renderXml('Delete', { Key: key }))), 'Key')).toBe(key);
    }),
  );
});

test('lists repeat their element and undefined members are left out', () => {
  expect(renderXml('R', { A: [{ B: 1 }, { B: 2 }], C: undefined, D: [] })).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<R xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><A><B>1</B></A><A><B>2</B></A></R>',
  );
});

test('attributes, prefixes, comments and character sections are understood', () => {
  const root = parseXml(
    Buffer.from(
      '\ufeff<?xml version="1.0"?>\n<!-- a -->\n<s3:Delete xmlns:s3="x" b=\'y\'><s3:Key><![CDATA[<a&b>]]></s3:Key><Quiet/></s3:Delete>\n',
    ),
  );
  expect(root.name).toBe('Delete');
  expect(childText(root, 'Key')).toBe('<a&b>');
  expect(childText(root, 'Quiet')).toBe('');
});

test.each([
  ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
  ['an external entity', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
  ['an unknown entity', '<a>&nbsp;</a>'],
  ['a name that JavaScript knows', '<a>&constructor;</a>'],
  ['an unfinished reference', '<a>a & b</a>'],
  ['a reference to half a character', '<a>&#xD800;</a>'],
  ['a reference to zero', '<a>&#0;</a>'],
  ['a processing instruction', '<?php evil ?><a/>'],
  ['a late declaration', '<a><?xml version="1.0"?></a>'],
  ['an element that stays open', '<a><b></b>'],
  ['elements that cross', '<a><b></a></b>'],
  ['an end without a beginning', '</a>'],
  ['two roots', '<a/><b/>'],
  ['text beside the root', '<a/>b'],
  ['nothing', ''],
  ['too many levels', '<a>'.repeat(5_000)],
  ['bytes that are not UTF-8', Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e])],
])('%s is malformed', (_name, source) => {
  expect(() => parseXml(Buffer.from(source))).toThrow(
    expect.objectContaining({ code: 'MalformedXML', status: 400 }),
  );
});

test('a hostile document of a megabyte is refused in linear time', () => {
  const began = performance.now();
  for (const piece of ['<a a="b" ', '&', '<!--', '<![CDATA[', '<a', ' ']) {
    expect(() => parseXml(Buffer.from(`<r>${piece.repeat(1_000_000 / piece.length)}`))).toThrow();
  }
  expect(performance.now() - began).toBeLessThan(2_000);
});
