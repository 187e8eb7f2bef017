type Triple = readonly [number, number, number];

/** An RGB colour space by what its standard publishes. */
interface Space {
  /** CIE x and y of red, green and blue, under D65. */
  readonly primaries: readonly (readonly [x: number, y: number])[];
  /** Light of a value, both 0 to 1, and the other way round. */
  readonly decode: (value: number) => number;
  readonly encode: (light: number) => number;
}

const D65: Triple = [0.95047, 1, 1.08883];
const D50: Triple = [0.9642, 1, 0.82491];
/** Von Kries adaptation in Bradford's cone responses. */
const BRADFORD = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
] as const;

const srgbCurve = {
  decode: (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4),
  encode: (light: number) => (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055),
};

const ADOBE_GAMMA = 563 / 256;

const SRGB: Space = {
  primaries: [
    [0.64, 0.33],
    [0.3, 0.6],
    [0.15, 0.06],
  ],
  ...srgbCurve,
};

/** SMPTE EG 432-1 with the curve of sRGB, and Adobe RGB (1998). */
export const SPACES = {
  'Display P3': {
    primaries: [
      [0.68, 0.32],
      [0.265, 0.69],
      [0.15, 0.06],
    ],
    ...srgbCurve,
  },
  'Adobe RGB': {
    primaries: [
      [0.64, 0.33],
      [0.21, 0.71],
      [0.15, 0.06],
    ],
    decode: (value) => value ** ADOBE_GAMMA,
    encode: (light) => light ** (1 / ADOBE_GAMMA),
  },
} as const satisfies Record<string, Space>;

export type SpaceName = keyof typeof SPACES;

/** The values, 0 to 1, by which the space writes an sRGB colour of 0 to 255 a channel. */
export function valuesIn(name: SpaceName, srgb: readonly number[]): number[] {
  const space: Space = SPACES[name];
  const light = srgb.map((value) => SRGB.decode(value / 255)) as unknown as Triple;
  const own = solve(xyzOf(space), times(xyzOf(SRGB), light));
  return own.map((value) => space.encode(Math.min(1, Math.max(0, value))));
}

/** A version 2 profile of the space: three primaries adapted to D50, and a curve of 1024 samples. */
export function profileOf(name: SpaceName): Buffer {
  const space: Space = SPACES[name];
  const columns = adapted(xyzOf(space));
  const xyz = (values: readonly number[]) => {
    const bytes = Buffer.alloc(20);
    bytes.write('XYZ ', 'latin1');
    for (const [i, value] of values.entries()) bytes.writeInt32BE(Math.round(value * 65_536), 8 + 4 * i);
    return bytes;
  };
  const curve = Buffer.alloc(12 + 2 * 1_024);
  curve.write('curv', 'latin1');
  curve.writeUInt32BE(1_024, 8);
  for (let i = 0; i < 1_024; i += 1) {
    curve.writeUInt16BE(Math.round(space.decode(i / 1_023) * 65_535), 12 + 2 * i);
  }
  const text = Buffer.concat([Buffer.from('text\0\0\0\0', 'latin1'), Buffer.from(`${name}\0`)]);
  return profile({
    desc: text,
    wtpt: xyz(D50),
    ...Object.fromEntries(['r', 'g', 'b'].map((channel, i) => [`${channel}XYZ`, xyz(column(columns, i))])),
    ...Object.fromEntries(['r', 'g', 'b'].map((channel) => [`${channel}TRC`, curve])),
  });
}

/** ICC.1:2001-04, 6.1 and 6.2: a header of 128 bytes, a table of tags, and their bodies at multiples of four. */
function profile(tags: Readonly<Record<string, Buffer>>): Buffer {
  const entries = Object.entries(tags);
  const head = Buffer.alloc(128 + 4 + 12 * entries.length);
  head.writeUInt32BE(0x02400000, 8);
  head.write('mntrRGB XYZ ', 12, 'latin1');
  head.write('acsp', 36, 'latin1');
  for (const [i, value] of D50.entries()) head.writeInt32BE(Math.round(value * 65_536), 68 + 4 * i);
  head.writeUInt32BE(entries.length, 128);
  const bodies: Buffer[] = [];
  let free = head.length;
  entries.forEach(([name, body], i) => {
    head.write(name, 132 + 12 * i, 'latin1');
    head.writeUInt32BE(free, 136 + 12 * i);
    head.writeUInt32BE(body.length, 140 + 12 * i);
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
    bodies.push(padded);
    free += padded.length;
  });
  head.writeUInt32BE(free, 0);
  return Buffer.concat([head, ...bodies]);
}

/** The JPEG with an ICC profile, which stands in `APP2` segments: ICC.1:2001-04, annex B.4. */
export function jpegWithProfile(jpeg: Buffer, icc: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), icc]);
  const segment = Buffer.concat([Buffer.from([0xff, 0xe2, 0, 0]), body]);
  segment.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}

/** The matrix from the space's light to XYZ under D65: columns that add up to white. */
function xyzOf({ primaries }: Space): Triple[] {
  const unscaled = primaries.map(([x, y]) => [x / y, 1, (1 - x - y) / y]);
  const columns = [0, 1, 2].map((row) =>
    unscaled.map((primary) => primary[row] as number),
  ) as unknown as Triple[];
  const scale = solve(columns, D65);
  return columns.map((row) => row.map((value, i) => value * (scale[i] as number)) as unknown as Triple);
}

function adapted(matrix: readonly Triple[]): Triple[] {
  const [from, to] = [times(BRADFORD, D65), times(BRADFORD, D50)];
  const seen = [0, 1, 2].map((i) => {
    const cones = times(BRADFORD, column(matrix, i)).map(
      (value, c) => (value * (to[c] as number)) / (from[c] as number),
    );
    return solve(BRADFORD, cones);
  });
  return [0, 1, 2].map((row) => seen.map((xyz) => xyz[row] as number) as unknown as Triple);
}

function column(matrix: readonly Triple[], index: number): number[] {
  return matrix.map((row) => row[index] as number);
}

function times(matrix: readonly Triple[], vector: readonly number[]): number[] {
  return matrix.map((row) => row.reduce((sum, value, i) => sum + value * (vector[i] as number), 0));
}

/** The vector that the matrix takes to this one, by Cramer's rule. */
function solve(matrix: readonly Triple[], vector: readonly number[]): number[] {
  const whole = determinant(matrix);
  return [0, 1, 2].map((at) => {
    const replaced = matrix.map((row, i) =>
      row.map((value, j) => (j === at ? (vector[i] as number) : value)),
    );
    return determinant(replaced as unknown as Triple[]) / whole;
  });
}

function determinant(matrix: readonly Triple[]): number {
  const [[a, b, c], [d, e, f], [g, h, i]] = matrix as [Triple, Triple, Triple];
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}
