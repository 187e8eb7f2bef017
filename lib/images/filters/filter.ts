import * as z from 'zod';
import type { Raster } from '../raster.ts';
import type { Area, Size } from '../size.ts';

/** Red, green and blue as they stand in the file (sRGB, gamma-encoded), 0 to 1 each. */
export type Rgb = [red: number, green: number, blue: number];

/** A function of one channel's value: 0 to 1 in and out, what lies outside is cut off. `channel` is 0, 1 or 2. */
export type Curve = (value: number, channel: number) => number;

/** Changes a colour in place; what lies outside 0 to 1 afterwards is cut off. */
export type Colouring = (rgb: Rgb) => void;

/** Changes a row of pixels in place: red, green, blue, red, ... from 0 to 1, and stays within. */
export type RowWork = (row: Float32Array, y: number) => void;

/**
 * What a filter does with certain parameters. `curve`, `colour` and `rows` look at one pixel only, so that any
 * number of them, one after the other, becomes one pass over the picture; the others need a pass of their own.
 */
export type Work =
  /** `steps` says that the curve jumps, so that nothing may be interpolated across it. */
  | { readonly type: 'curve'; readonly curve: Curve; readonly steps?: true }
  | { readonly type: 'colour'; readonly colour: Colouring }
  /** Depends on the pixel's place too. */
  | { readonly type: 'rows'; readonly rows: (size: Size) => RowWork }
  /** Depends on what the picture looks like by then, but is done pixel by pixel once that is known. */
  | { readonly type: 'measured'; readonly measure: (raster: Raster) => PixelWork }
  /** Depends on the pixel's neighbours; may change the picture it is given, which nobody else has. */
  | { readonly type: 'pixels'; readonly apply: (raster: Raster, pixels: Pixels) => Raster | Promise<Raster> }
  | Geometry
  | { readonly type: 'several'; readonly works: readonly Work[] };

/** Work that looks at one pixel only. */
export type PixelWork = Extract<Work, { type: 'curve' | 'colour' | 'rows' }>;

/** Gives the picture another size or shape, and nothing else. */
export interface Geometry {
  readonly type: 'geometry';
  /**
   * The size that a picture of this size gets, in whole pixels.
   *
   * @throws Unfit where there is no such picture
   */
  readonly size: (size: Size) => Size;
  /** Does it to a picture that may be a scaled one; `target` is the result's size at that scale. */
  readonly apply: (raster: Raster, target: Size, pixels: Pixels) => Promise<Raster>;
  /** The part of the picture that is looked at, as fractions of its sides; all of it where absent. */
  readonly region?: Region;
  /** By how much it enlarges what it shows; 1 where absent. */
  readonly zoom?: (size: Size) => number;
}

/** A rectangle, as fractions of a picture's width and height. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * What filters let libvips do. It is handed to them, as most functions of the service want to know of filters,
 * and few can bring the library along.
 */
export interface Pixels {
  resized(raster: Raster, size: Size): Promise<Raster>;
  cut(raster: Raster, area: Area): Promise<Raster>;
  /** Clockwise by so many quarter turns. */
  quarterTurned(raster: Raster, turns: number): Promise<Raster>;
  mirrored(raster: Raster, direction: 'horizontal' | 'vertical'): Promise<Raster>;
  /**
   * By a matrix of two rows, about the centre, and of what that gives the middle, of this size. The edges are drawn
   * out a little, so that a middle that reaches them has no dark fringe.
   */
  transformed(raster: Raster, matrix: [number, number, number, number], middle: Size): Promise<Raster>;
  /** In the middle of a larger picture. */
  framed(raster: Raster, size: Size, background: string): Promise<Raster>;
}

/** A step can't be done with a picture of this size; the message says why, for the photo's owner. */
export class Unfit extends Error {
  override readonly name = 'Unfit';
}

/** One filter, whatever its parameters are. */
export interface Filter {
  readonly name: string;
  readonly kind: 'filter' | 'look';
  /** One line for whoever chooses. */
  readonly description: string;
  /** Of the parameters; each has a default, and all defaults together do something that is seen. */
  readonly schema: z.ZodType<Readonly<Record<string, unknown>>>;
  /** Parameters that show on a contact sheet what the filter is for. */
  readonly preview: Readonly<Record<string, unknown>>;
  /** @param params what the schema gave */
  readonly work: (params: Readonly<Record<string, unknown>>) => Work;
}

/** A filter from its definition, in which the schema gives the type of the parameters. */
export function filter<Schema extends z.ZodType<Readonly<Record<string, unknown>>>>(definition: {
  readonly name: string;
  readonly description: string;
  readonly schema: Schema;
  readonly preview: z.input<Schema>;
  readonly work: (params: z.output<Schema>) => Work;
}): Filter {
  return {
    kind: 'filter',
    ...definition,
    preview: definition.preview as Filter['preview'],
    work: (params) => definition.work(params as z.output<Schema>),
  };
}

/** A number within limits, with its default. */
export function amount(min: number, max: number, byDefault: number, description: string) {
  return z.number().min(min).max(max).default(byDefault).meta({ description });
}

/** A colour as `#rrggbb`, with its default. */
export function color(byDefault: string, description: string) {
  return z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, 'Expected a colour like #2a6f97')
    .toLowerCase()
    .default(byDefault)
    .meta({ description });
}
