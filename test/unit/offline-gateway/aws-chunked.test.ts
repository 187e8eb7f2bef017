import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ChunkedBody, decodeChunks } from '../../../offline/gateway/identity/aws-chunked.ts';
import { accessKey } from '../../../offline/gateway/identity/keys.ts';
import { checkSignature } from '../../../offline/gateway/identity/verify.ts';

/** The example of the Amazon S3 API Reference: 65 kB of "a" in chunks of 64 kB, 1 kB and nothing. */
const claim = { date: '20130524', region: 'us-east-1', service: 's3' };
const key = accessKey(
  { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
  { kind: 'anonymous' },
);

function signedFrom(seed: string): NonNullable<ChunkedBody['signatures']> {
  return {
    seed,
    timestamp: '20130524T000000Z',
    scope: '20130524/us-east-1/s3/aws4_request',
    check: (toSign, signature) => checkSignature(toSign, { ...claim, signature }, key, 's3'),
  };
}

const PLAIN = {
  seed: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
  body: [
    '10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    'a'.repeat(65_536),
    '400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'a'.repeat(1024),
    '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
    '',
    '',
  ].join('\r\n'),
};

const WITH_TRAILER = {
  seed: '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
  body: [
    '10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
    'a'.repeat(65_536),
    '400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
    'a'.repeat(1024),
    '0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
    'x-amz-checksum-crc32c:sOO8/Q==',
    'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435',
    '',
    '',
  ].join('\r\n'),
};

async function decode(body: string, expected: Partial<ChunkedBody>, pieces = [body.length]) {
  const trailers: Record<string, string> = {};
  async function* source() {
    const bytes = Buffer.from(body, 'latin1');
    for (let from = 0, turn = 0; from < bytes.length; turn++) {
      const size = pieces[turn % pieces.length] as number;
      yield bytes.subarray(from, from + size);
      from += size;
    }
  }
  const decoded = decodeChunks(source(), { decodedLength: 66_560, trailerNames: [], ...expected }, trailers);
  return { bytes: await buffer(decoded), trailers };
}

test("AWS's example of signed chunks", async () => {
  const { bytes } = await decode(PLAIN.body, { signatures: signedFrom(PLAIN.seed) });
  expect(bytes.equals(Buffer.alloc(66_560, 'a'))).toBe(true);
});

test("AWS's example of signed chunks with a trailer", async () => {
  const { trailers } = await decode(WITH_TRAILER.body, {
    signatures: signedFrom(WITH_TRAILER.seed),
    trailerNames: ['x-amz-checksum-crc32c'],
  });
  expect(trailers).toEqual({ 'x-amz-checksum-crc32c': 'sOO8/Q==' });
});

test.each([
  ['a byte of a chunk', PLAIN.body.replace('aaa', 'aba')],
  ['a chunk left out', PLAIN.body.replace(/400;.*\r\na+\r\n/, '')],
  ['the last chunk left out', PLAIN.body.replace(/0;chunk-signature=b6.*/, '')],
  ['a chunk cut off', PLAIN.body.slice(0, 1000)],
  ['bytes after the end', `${PLAIN.body}more`],
  ['signatures left out', PLAIN.body.replaceAll(/;chunk-signature=\w+/g, '')],
])('signed chunks: %s', async (_, body) => {
  await expect(decode(body, { signatures: signedFrom(PLAIN.seed) })).rejects.toMatchObject({
    code: expect.stringMatching(/^(SignatureDoesNotMatch|IncompleteBody)$/),
  });
});

test.each([
  ['another value', WITH_TRAILER.body.replace('sOO8/Q==', 'sOO9/Q=='), 'SignatureDoesNotMatch'],
  ['no signature', WITH_TRAILER.body.replace(/x-amz-trailer-signature.*\r\n/, ''), 'SignatureDoesNotMatch'],
  ['no trailer', WITH_TRAILER.body.replace(/x-amz-checksum.*\r\n/, ''), 'MalformedTrailerError'],
  [
    'a trailer more',
    WITH_TRAILER.body.replace('x-amz-checksum', 'x-amz-meta-a:b\r\nx-amz-checksum'),
    'MalformedTrailerError',
  ],
])('signed trailers: %s', async (_, body, code) => {
  const expected = { signatures: signedFrom(WITH_TRAILER.seed), trailerNames: ['x-amz-checksum-crc32c'] };
  await expect(decode(body, expected)).rejects.toMatchObject({ code });
});

test('unsigned chunks come through whatever pieces the network makes of them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 })),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      async (chunks, pieces) => {
        const whole = Buffer.concat(chunks);
        const framed = chunks.map((chunk) =>
          Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]),
        );
        const body = `${Buffer.concat(framed).toString('latin1')}0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n`;
        const { bytes, trailers } = await decode(
          body,
          { decodedLength: whole.length, trailerNames: ['x-amz-checksum-crc32'] },
          pieces,
        );
        expect(bytes.equals(whole)).toBe(true);
        expect(trailers).toEqual({ 'x-amz-checksum-crc32': 'AAAAAA==' });
      },
    ),
  );
});

test('the announced length must be the real one', async () => {
  await expect(decode('3\r\nabc\r\n0\r\n\r\n', { decodedLength: 4 })).rejects.toMatchObject({
    code: 'IncompleteBody',
    message: expect.stringContaining('says 4 bytes, 3 came'),
  });
});
