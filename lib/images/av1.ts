import type { Reader } from './boxes.ts';

const FRAME_HEADER = 3;
const FRAME = 6;

/** How many frames are in there. AV1 specification, 5.3.2: units of a byte that says what it is, one more where its third bit says so, a length. */
export function framesIn(units: Reader): number {
  let frames = 0;
  while (units.left > 0) {
    const header = units.uint(1);
    // Decoders pass over zeros.
    if (header === 0) continue;
    const type = (header >> 3) & 0xf;
    if (type === FRAME_HEADER || type === FRAME) frames += 1;
    if (header & 4) units.skip(1);
    if (header & 2) units.skip(leb128(units));
    else units.rest();
  }
  return frames;
}

/** AV1 specification, 4.10.5. */
function leb128(units: Reader): number {
  let value = 0;
  for (let i = 0; i < 8; i += 1) {
    const byte = units.uint(1);
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) break;
  }
  return value;
}
