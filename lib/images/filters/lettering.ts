import { EM, GLYPHS } from './glyphs.ts';

type Point = readonly [x: number, y: number];

interface Glyph {
  readonly advance: number;
  /** Closed polygons, y upwards from the line that letters stand on. */
  readonly polygons: readonly (readonly Point[])[];
}

/** How much of each pixel is covered, 0 to 1. */
export interface Coverage {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

const PACKED: ReadonlyMap<string, { readonly width: number; readonly outline: string }> = new Map(
  GLYPHS.map(([character, width, outline]) => [character, { width, outline }]),
);
/** The part of a line above and below what letters stand on, accents and tails included. */
const ASCENT = 0.95 * EM;
const DESCENT = 0.25 * EM;
const LINE = (ASCENT + DESCENT) / EM;
/** Straight pieces that a curve is drawn with. */
const PIECES = 6;

/** The characters of the text that can't be drawn, each once. */
export function missingLetters(text: string): string[] {
  return [...new Set(text)].filter((character) => !PACKED.has(character));
}

/** The width of a line of text, as a multiple of its height. */
export function widthOf(text: string): number {
  const advance = [...text].reduce((sum, character) => sum + (PACKED.get(character)?.width ?? 0), 0);
  return advance / EM / LINE;
}

/**
 * Draws a line of text from outlines that come with this folder: neither fonts of the system, of which Lambda has
 * none, nor markup is involved, so that no text can mean anything but its letters.
 *
 * @param height of the line, in pixels, accents and tails included
 */
export function lettered(text: string, height: number): Coverage {
  const scale = height / LINE / EM;
  const width = Math.max(1, Math.ceil(widthOf(text) * height) + 2);
  const rows = Math.max(1, Math.ceil(height));
  const areas = new Float32Array(rows * (width + 1));
  let pen = 1;
  for (const character of text) {
    const { advance, polygons } = unpacked(character);
    for (const polygon of polygons) {
      const points = polygon.map(([x, y]): Point => [pen + x * scale, (ASCENT - y) * scale]);
      for (const [index, to] of points.entries())
        addEdge(areas, width + 1, points.at(index - 1) as Point, to);
    }
    pen += advance * scale;
  }
  return { data: summed(areas, width, rows), width, height: rows };
}

function unpacked(character: string): Glyph {
  const { width = 0, outline = '' } = PACKED.get(character) ?? {};
  const bytes = Buffer.from(outline, 'base64');
  let at = 0;
  const take = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  const signed = (value: number) => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);
  let [x, y] = [0, 0];
  const polygons = Array.from({ length: take() }, () => {
    const points = Array.from({ length: take() }, () => {
      const first = take();
      x += signed(Math.floor(first / 2));
      y += signed(take());
      return { x, y, on: first % 2 === 1 };
    });
    return flattened(points);
  });
  return { advance: width, polygons };
}

/** Between two control points the curve goes through their middle: ISO/IEC 14496-22, `glyf`. */
function flattened(
  points: readonly { readonly x: number; readonly y: number; readonly on: boolean }[],
): Point[] {
  const through = points.flatMap((point, index) => {
    const before = points.at(index - 1) as typeof point;
    if (point.on || before.on) return [point];
    return [{ x: (before.x + point.x) / 2, y: (before.y + point.y) / 2, on: true }, point];
  });
  return through.flatMap((point, index): Point[] => {
    if (point.on) return [[point.x, point.y]];
    const from = through.at(index - 1) as typeof point;
    const to = through[(index + 1) % through.length] as typeof point;
    return Array.from({ length: PIECES - 1 }, (_, piece): Point => {
      const t = (piece + 1) / PIECES;
      const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
      return [a * from.x + b * point.x + c * to.x, a * from.y + b * point.y + c * to.y];
    });
  });
}

/**
 * Adds to each pixel by how much the covered area changes there; the sum along the row is then the coverage itself,
 * exact to the pixel's last fraction. Winding upwards adds, downwards takes away, so that holes stay open.
 */
function addEdge(areas: Float32Array, stride: number, [fromX, fromY]: Point, [toX, toY]: Point): void {
  if (fromY === toY) return;
  const [direction, topX, topY, bottomX, bottomY] =
    fromY < toY ? [1, fromX, fromY, toX, toY] : [-1, toX, toY, fromX, fromY];
  const slope = (bottomX - topX) / (bottomY - topY);
  const rows = areas.length / stride;
  for (let y = Math.max(0, Math.floor(topY)); y < Math.min(rows, Math.ceil(bottomY)); y += 1) {
    const upper = Math.max(y, topY);
    const lower = Math.min(y + 1, bottomY);
    const start = topX + (upper - topY) * slope;
    const end = topX + (lower - topY) * slope;
    addSpan(areas, y * stride, direction * (lower - upper), Math.min(start, end), Math.max(start, end));
  }
}

/** An edge of this height within one row, from `left` to `right`. */
function addSpan(areas: Float32Array, row: number, height: number, left: number, right: number): void {
  const add = (x: number, area: number) => {
    areas[row + x] = (areas[row + x] as number) + area;
  };
  // What lies right of the edge is covered by its whole height, the pixels it crosses by a part.
  for (let x = Math.floor(left), done = 0; done < 1; x += 1) {
    const until = right - left < 1e-9 ? 1 : Math.min(1, (x + 1 - left) / (right - left));
    const part = height * (until - done);
    const middle = (Math.max(left, x) + Math.min(right, x + 1)) / 2 - x;
    add(x, part * (1 - middle));
    add(x + 1, part * middle);
    done = until;
  }
}

function summed(areas: Float32Array, width: number, rows: number): Float32Array {
  const coverage = new Float32Array(width * rows);
  for (let y = 0; y < rows; y += 1) {
    let sum = 0;
    for (let x = 0; x < width; x += 1) {
      sum += areas[y * (width + 1) + x] as number;
      coverage[y * width + x] = Math.min(1, Math.abs(sum));
    }
  }
  return coverage;
}
