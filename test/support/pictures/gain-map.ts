import sharp from 'sharp';

const MPF_HEADER_BYTES = 8;
/** Version, number of images, and where their entries are. */
const INDEX_TAGS = 3;
const ENTRY_BYTES = 16;
const PRIMARY = 0x00030000;

/**
 * An ultra-HDR JPEG as Android writes it: the picture, and behind it a second JPEG that says how much brighter a
 * screen may show each part; which of them is where stands in a segment of the first. Ultra HDR Image Format 1.0, and
 * CIPA DC-007, 5.2.
 */
export async function ultraHdr(picture: Buffer, width: number, height: number): Promise<Buffer> {
  const gainMap = await sharp({
    create: { width: width / 4, height: height / 4, channels: 3, background: '#fff' },
  })
    .withXmp(xmp('hdrgm:Version="1.0" hdrgm:GainMapMax="3"'))
    .jpeg()
    .toBuffer();
  const described = await sharp(picture).withXmp(xmp('hdrgm:Version="1.0"')).jpeg({ quality: 95 }).toBuffer();
  // The segment stands right behind the first two bytes, and offsets are counted from its header on.
  const headerAt = 2 + 4 + 4;
  const length = described.length + segment(0, 0, 0).length;
  const index = segment(length, gainMap.length, length - headerAt);
  return Buffer.concat([described.subarray(0, 2), index, described.subarray(2), gainMap]);
}

function xmp(attributes: string): string {
  return (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    `<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" ${attributes}/></rdf:RDF></x:xmpmeta>`
  );
}

function segment(pictureBytes: number, gainMapBytes: number, gainMapAt: number): Buffer {
  const entriesAt = MPF_HEADER_BYTES + 2 + 12 * INDEX_TAGS + 4;
  const body = Buffer.alloc(entriesAt + 2 * ENTRY_BYTES);
  body.write('MM\0\x2a\0\0\0\x08', 'latin1');
  body.writeUInt16BE(INDEX_TAGS, MPF_HEADER_BYTES);
  const tag = (index: number, number: number, type: number, count: number) => {
    const at = MPF_HEADER_BYTES + 2 + 12 * index;
    body.writeUInt16BE(number, at);
    body.writeUInt16BE(type, at + 2);
    body.writeUInt32BE(count, at + 4);
    return at + 8;
  };
  body.write('0100', tag(0, 0xb000, 7, 4), 'latin1');
  body.writeUInt32BE(2, tag(1, 0xb001, 4, 1));
  body.writeUInt32BE(entriesAt, tag(2, 0xb002, 7, 2 * ENTRY_BYTES));
  body.writeUInt32BE(PRIMARY, entriesAt);
  body.writeUInt32BE(pictureBytes, entriesAt + 4);
  body.writeUInt32BE(gainMapBytes, entriesAt + ENTRY_BYTES + 4);
  body.writeUInt32BE(gainMapAt, entriesAt + ENTRY_BYTES + 8);
  const head = Buffer.from([0xff, 0xe2, 0, 0, ...Buffer.from('MPF\0')]);
  head.writeUInt16BE(body.length + 6, 2);
  return Buffer.concat([head, body]);
}
