export interface Point {
  readonly x: number;
  readonly y: number;
  /** On the curve, or a control point of a quadratic one. */
  readonly on: boolean;
}

export type Outline = readonly (readonly Point[])[];

/** What is needed of a TrueType font: ISO/IEC 14496-22, tables `head`, `hhea`, `hmtx`, `cmap` 4, `loca` and `glyf`. */
export class Face {
  readonly unitsPerEm: number;
  readonly #bytes: Buffer;
  readonly #tables = new Map<string, number>();

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    for (let index = 0; index < bytes.readUInt16BE(4); index += 1) {
      const at = 12 + 16 * index;
      this.#tables.set(bytes.toString('latin1', at, at + 4), bytes.readUInt32BE(at + 8));
    }
    this.unitsPerEm = bytes.readUInt16BE(this.#table('head') + 18);
  }

  /** The number of a character's glyph, 0 where there is none. */
  glyphOf(character: string): number {
    const code = character.codePointAt(0) ?? 0;
    const map = this.#unicodeMap();
    const segments = this.#u16(map + 6) / 2;
    for (let segment = 0; segment < segments; segment += 1) {
      const end = this.#u16(map + 14 + 2 * segment);
      if (code > end) continue;
      const starts = map + 16 + 2 * segments;
      const start = this.#u16(starts + 2 * segment);
      if (code < start) return 0;
      const delta = this.#u16(starts + 2 * segments + 2 * segment);
      const rangeAt = starts + 4 * segments + 2 * segment;
      const range = this.#u16(rangeAt);
      if (range === 0) return (code + delta) & 0xffff;
      const glyph = this.#u16(rangeAt + range + 2 * (code - start));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  }

  /** How far the next glyph stands to the right, in font units. */
  advanceOf(glyph: number): number {
    const metrics = this.#u16(this.#table('hhea') + 34);
    return this.#u16(this.#table('hmtx') + 4 * Math.min(glyph, metrics - 1));
  }

  /** The glyph's contours, those of its parts included, in font units. */
  outlineOf(glyph: number): Outline {
    const long = this.#u16(this.#table('head') + 50) === 1;
    const offset = (index: number) =>
      long
        ? this.#bytes.readUInt32BE(this.#table('loca') + 4 * index)
        : 2 * this.#u16(this.#table('loca') + 2 * index);
    if (offset(glyph) === offset(glyph + 1)) return [];
    const at = this.#table('glyf') + offset(glyph);
    const contours = this.#i16(at);
    return contours < 0 ? this.#compound(at + 10) : this.#simple(at + 10, contours);
  }

  #simple(start: number, contours: number): Outline {
    const ends = Array.from({ length: contours }, (_, index) => this.#u16(start + 2 * index));
    const count = (ends.at(-1) ?? -1) + 1;
    let at = start + 2 * contours;
    at += 2 + this.#u16(at);
    const flags: number[] = [];
    while (flags.length < count) {
      const flag = this.#bytes.readUInt8(at++);
      const repeats = flag & 8 ? this.#bytes.readUInt8(at++) : 0;
      for (let times = 0; times <= repeats; times += 1) flags.push(flag);
    }
    const coordinates = (short: number, same: number) => {
      let value = 0;
      return flags.map((flag) => {
        if (flag & short) value += (flag & same ? 1 : -1) * this.#bytes.readUInt8(at++);
        else if (!(flag & same)) {
          value += this.#i16(at);
          at += 2;
        }
        return value;
      });
    };
    const xs = coordinates(2, 16);
    const ys = coordinates(4, 32);
    const points = flags.map((flag, index) => ({
      x: xs[index] as number,
      y: ys[index] as number,
      on: (flag & 1) === 1,
    }));
    return ends.map((end, index) => points.slice((ends[index - 1] ?? -1) + 1, end + 1));
  }

  /** Letters with accents are put together of a letter and an accent. */
  #compound(start: number): Outline {
    const contours: Point[][] = [];
    for (let at = start, more = true; more; ) {
      const flags = this.#u16(at);
      const part = this.#u16(at + 2);
      const words = (flags & 1) === 1;
      const dx = words ? this.#i16(at + 4) : this.#bytes.readInt8(at + 4);
      const dy = words ? this.#i16(at + 6) : this.#bytes.readInt8(at + 5);
      at += words ? 8 : 6;
      const fraction = () => {
        at += 2;
        return this.#i16(at - 2) / 16_384;
      };
      let [xx, xy, yx, yy] = [1, 0, 0, 1];
      if (flags & 8) xx = yy = fraction();
      else if (flags & 64) [xx, yy] = [fraction(), fraction()];
      else if (flags & 128) [xx, xy, yx, yy] = [fraction(), fraction(), fraction(), fraction()];
      for (const contour of this.outlineOf(part)) {
        contours.push(
          contour.map(({ x, y, on }) => ({ x: x * xx + y * yx + dx, y: x * xy + y * yy + dy, on })),
        );
      }
      more = (flags & 32) !== 0;
    }
    return contours;
  }

  #unicodeMap(): number {
    const cmap = this.#table('cmap');
    for (let index = 0; index < this.#u16(cmap + 2); index += 1) {
      const at = cmap + this.#bytes.readUInt32BE(cmap + 8 + 8 * index);
      if (this.#u16(at) === 4) return at;
    }
    throw new Error('Expected a font with a character map of format 4.');
  }

  #table(tag: string): number {
    const at = this.#tables.get(tag);
    if (at === undefined) throw new Error(`Expected a TrueType font; it has no table ${tag}.`);
    return at;
  }

  #u16(at: number): number {
    return this.#bytes.readUInt16BE(at);
  }

  #i16(at: number): number {
    return this.#bytes.readInt16BE(at);
  }
}
