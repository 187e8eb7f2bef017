import type { Rgb } from './filter.ts';

const STEPS = 4_096;
const LIGHT = tableOf((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
/** By the square root of the light, of which the encoded value is nearly a straight line. */
const ENCODED = tableOf((root) => encodedOf(root * root));

/**
 * Light from an encoded value, both 0 to 1: IEC 61966-2-1, the sRGB standard. Out of a table, which is off by less
 * than a millionth and several times faster than powers; a cube of colours asks a million times.
 */
export function toLinear(value: number): number {
  if (value >= 0 && value <= 1) return between(LIGHT, value);
  return value < 0 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** The encoded value of an amount of light, both 0 to 1: the inverse of toLinear; negative light is none. */
export function toEncoded(light: number): number {
  if (light <= 0) return 0;
  return light <= 1 ? between(ENCODED, Math.sqrt(light)) : encodedOf(light);
}

function encodedOf(light: number): number {
  return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
}

function tableOf(curve: (value: number) => number): Float64Array {
  return Float64Array.from({ length: STEPS + 2 }, (_, step) => curve(step / STEPS));
}

function between(table: Float64Array, value: number): number {
  const place = value * STEPS;
  const step = place | 0;
  const below = table[step] as number;
  return below + ((table[step + 1] as number) - below) * (place - step);
}

/** How much each channel's light adds to what the eye takes for brightness: ITU-R BT.709, 3.2. */
export const LUMINANCE: Readonly<Rgb> = [0.2126, 0.7152, 0.0722];

/** The luminance of an encoded colour, in linear light, 0 to 1. */
export function luminanceOf(rgb: Readonly<Rgb>): number {
  return LUMINANCE[0] * toLinear(rgb[0]) + LUMINANCE[1] * toLinear(rgb[1]) + LUMINANCE[2] * toLinear(rgb[2]);
}

/** Lightness 0 to 1, and the two axes green to red and blue to yellow. */
export type Oklab = [lightness: number, a: number, b: number];

/**
 * Encoded sRGB as Oklab, in which equal distances look about equally different and chroma can be changed without
 * changing the hue: B. Ottosson, "A perceptual color space for image processing", 2020.
 */
export function toOklab(rgb: Readonly<Rgb>): Oklab {
  const r = toLinear(rgb[0]);
  const g = toLinear(rgb[1]);
  const b = toLinear(rgb[2]);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** Writes the colour of an Oklab value, encoded, to `rgb`. What sRGB can't show lies outside 0 to 1. */
export function fromOklab(lightness: number, a: number, b: number, rgb: Rgb): void {
  const l = lightness + 0.3963377774 * a + 0.2158037573 * b;
  const m = lightness - 0.1055613458 * a - 0.0638541728 * b;
  const s = lightness - 0.0894841775 * a - 1.291485548 * b;
  const long = l * l * l;
  const medium = m * m * m;
  const short = s * s * s;
  rgb[0] = toEncoded(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short);
  rgb[1] = toEncoded(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short);
  rgb[2] = toEncoded(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short);
}

/** The encoded colour that `#rrggbb` names. */
export function parseColor(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

/** From `from` at 0 to `to` at 1. */
export function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** The value, or the nearest between 0 and 1. */
export function clamp(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

/** 0 up to `low`, 1 from `high`, and a smooth rise between. */
export function smoothstep(low: number, high: number, value: number): number {
  const share = clamp((value - low) / (high - low));
  return share * share * (3 - 2 * share);
}
