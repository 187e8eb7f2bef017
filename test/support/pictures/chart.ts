import sharp from 'sharp';
import { deltaE, labOf, mean } from './compare.ts';

const COLUMNS = 6;
const ROWS = 4;

/** sRGB colours that a print can show too: skin, sky, leaves, and steps of grey. */
export const CHART: readonly (readonly number[])[] = [
  [115, 82, 68],
  [194, 150, 130],
  [98, 122, 157],
  [87, 108, 67],
  [133, 128, 177],
  [103, 170, 150],
  [200, 126, 60],
  [90, 100, 150],
  [180, 90, 100],
  [94, 70, 108],
  [157, 180, 80],
  [210, 160, 60],
  [70, 80, 130],
  [80, 140, 80],
  [160, 60, 60],
  [220, 190, 70],
  [180, 90, 140],
  [60, 130, 150],
  [240, 240, 240],
  [200, 200, 200],
  [160, 160, 160],
  [120, 120, 120],
  [85, 85, 85],
  [55, 55, 55],
];

/**
 * A chart of six by four patches, in 16 bits a channel.
 *
 * @param write the values, 0 to 1 a channel, by which a colour of the chart is written
 */
export function chart(width: number, height: number, write: (srgb: readonly number[]) => readonly number[]) {
  const values = CHART.map((color) => write(color).map((value) => Math.round(value * 65_535)));
  const data = new Uint16Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const patch = Math.floor((y * ROWS) / height) * COLUMNS + Math.floor((x * COLUMNS) / width);
      data.set(values[patch] as number[], (y * width + x) * 3);
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } }).toColourspace('rgb16');
}

export const asSrgb = (srgb: readonly number[]) => srgb.map((value) => value / 255);

/**
 * The mean CIEDE2000 of the patches in a picture of a chart against the colours they should have. Of a square cut
 * from the middle of a chart of 3 by 2, the four middle columns are seen.
 */
export async function chartDifference(picture: Buffer): Promise<number> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const columns = info.width === info.height ? [1, 2, 3, 4] : [0, 1, 2, 3, 4, 5];
  const differences = CHART.flatMap((wanted, patch) => {
    const [row, column] = [Math.floor(patch / COLUMNS), columns.indexOf(patch % COLUMNS)];
    if (column < 0) return [];
    const x = Math.floor(((column + 0.5) * info.width) / columns.length);
    const y = Math.floor(((row + 0.5) * info.height) / ROWS);
    const found = [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
    return [deltaE(labAt(found), labAt(wanted))];
  });
  return mean(differences);
}

function labAt([red = 0, green = 0, blue = 0]: readonly number[]) {
  return labOf(red, green, blue);
}
