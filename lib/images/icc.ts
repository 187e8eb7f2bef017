/** What an ICC profile describes, as far as it decides how pixels are converted. */
export type ProfileKind = 'srgb' | 'rgb' | 'cmyk' | 'grey' | 'other';

const HEADER_BYTES = 128;
const TAG_BYTES = 12;
const MAX_TAGS = 100;

/** A profile of three primaries and three tone curves, as phones and cameras embed. */
export interface MatrixProfile {
  /** XYZ under D50 of full red, green and blue. */
  readonly primaries: readonly [Triple, Triple, Triple];
  /** Light, 0 to 1, of a value from 0 to 255: of red, green and blue. */
  readonly curves: readonly [Float32Array, Float32Array, Float32Array];
}

export type Triple = readonly [number, number, number];

/** The sRGB primaries adapted to D50, as ICC profiles hold them: X, Y, Z of red, green and blue. */
export const SRGB_PRIMARIES = [
  [0.43607, 0.22249, 0.01392],
  [0.38515, 0.71687, 0.09708],
  [0.14307, 0.06061, 0.7141],
] as const satisfies readonly Triple[];

/** Below what 8 bits can show; a plain gamma of 2.2 is 0.0036 away at half scale. */
const TOLERANCE = 0.002;
/** Values from 0 to 255 at which curves are compared. */
const SAMPLES = [5, 13, 26, 64, 128, 191, 230];

/**
 * What kind of profile this is. `srgb` is decided by the colours it describes (primaries and tone curves),
 * never by its name: converting from it to sRGB changes nothing, and costs half of a photo's time.
 */
export function profileKind(icc: Buffer): ProfileKind {
  switch (icc.toString('latin1', 16, 20)) {
    case 'RGB ':
      return describesSrgb(icc) ? 'srgb' : 'rgb';
    case 'CMYK':
      return 'cmyk';
    case 'GRAY':
      return 'grey';
    default:
      return 'other';
  }
}

function describesSrgb(icc: Buffer): boolean {
  const profile = matrixProfileOf(icc);
  if (!profile) return false;
  const { primaries, curves } = profile;
  return (
    primaries.flat().every((value, i) => near(value, SRGB_PRIMARIES.flat()[i] as number)) &&
    curves.every((curve) => SAMPLES.every((x) => near(curve[x] as number, srgbToLinear(x / 255))))
  );
}

/** What an RGB profile says that has primaries and curves; undefined where a lookup table overrules them. */
export function matrixProfileOf(icc: Buffer): MatrixProfile | undefined {
  if (icc.toString('latin1', 16, 24) !== 'RGB XYZ ') return undefined;
  const tags = readTags(icc);
  if (tags.has('A2B0') || tags.has('A2B1')) return undefined;
  const [r, g, b] = ['r', 'g', 'b'].map((channel) => ({
    primary: primaryOf(tags.get(`${channel}XYZ`)),
    curve: curveOf(tags.get(`${channel}TRC`)),
  }));
  if (!r?.primary || !g?.primary || !b?.primary || !r.curve || !g.curve || !b.curve) return undefined;
  return { primaries: [r.primary, g.primary, b.primary], curves: [r.curve, g.curve, b.curve] };
}

function primaryOf(tag: Buffer | undefined): Triple | undefined {
  return tag && tag.length >= 20 ? [fixed(tag, 8), fixed(tag, 12), fixed(tag, 16)] : undefined;
}

function curveOf(tag: Buffer | undefined): Float32Array | undefined {
  if (!tag) return undefined;
  const curve = Float32Array.from({ length: 256 }, (_, value) => curveAt(tag, value / 255));
  return curve.every(Number.isFinite) ? curve : undefined;
}

function readTags(icc: Buffer): Map<string, Buffer> {
  const tags = new Map<string, Buffer>();
  const count = icc.length >= HEADER_BYTES + 4 ? icc.readUInt32BE(HEADER_BYTES) : 0;
  for (let i = 0; i < Math.min(count, MAX_TAGS); i += 1) {
    const at = HEADER_BYTES + 4 + TAG_BYTES * i;
    if (at + TAG_BYTES > icc.length) break;
    const offset = icc.readUInt32BE(at + 4);
    tags.set(icc.toString('latin1', at, at + 4), icc.subarray(offset, offset + icc.readUInt32BE(at + 8)));
  }
  return tags;
}

/** ICC.1:2022, 10.6 and 10.18: a table of samples, a gamma, or the parameters of a function. NaN if neither. */
function curveAt(tag: Buffer, x: number): number {
  if (tag.length < 12) return Number.NaN;
  const type = tag.toString('latin1', 0, 4);
  if (type === 'para') return parametricAt(tag, x);
  if (type !== 'curv') return Number.NaN;
  const count = tag.readUInt32BE(8);
  if (count === 0) return x;
  if (tag.length < 12 + 2 * count) return Number.NaN;
  if (count === 1) return x ** (tag.readUInt16BE(12) / 256);
  const position = x * (count - 1);
  const below = Math.floor(position);
  const sample = (i: number) => tag.readUInt16BE(12 + 2 * Math.min(i, count - 1)) / 65_535;
  return sample(below) + (sample(below + 1) - sample(below)) * (position - below);
}

const PARAMETERS = [1, 3, 4, 5, 7];

function parametricAt(tag: Buffer, x: number): number {
  const kind = tag.readUInt16BE(8);
  const length = PARAMETERS[kind];
  if (length === undefined || tag.length < 12 + 4 * length) return Number.NaN;
  const parameter = (i: number) => (i < length ? fixed(tag, 12 + 4 * i) : 0);
  const [g, a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5, 6].map(parameter) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (kind === 0) return x ** g;
  if (kind === 1) return x >= -b / a ? (a * x + b) ** g : 0;
  if (kind === 2) return x >= -b / a ? (a * x + b) ** g + c : c;
  return x >= d ? (a * x + b) ** g + e : c * x + f;
}

/** IEC 61966-2-1, 5.2. */
export function srgbToLinear(x: number): number {
  return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
}

function fixed(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) / 65_536;
}

function near(value: number, expected: number): boolean {
  return Math.abs(value - expected) <= TOLERANCE;
}
