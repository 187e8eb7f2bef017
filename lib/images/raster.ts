import type { Size } from './size.ts';
import { sharp } from './vips.ts';

/** Pixels in memory: 8 bits a channel, rows without gaps; RGB or RGBA, not premultiplied. */
export interface Raster {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
}

/** The raster as the start of a sharp pipeline. */
export function fromRaster({ data, width, height, channels }: Raster) {
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
}

/** The end of a sharp pipeline as a raster. */
export async function toRaster(pipeline: ReturnType<typeof sharp>): Promise<Raster> {
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels === 4 ? 4 : 3 };
}

/** How pixels are weighed: `lanczos3` is the sharpest; `cubic` looks at a third fewer of them. */
export type Kernel = 'lanczos3' | 'cubic';

/** The raster at exactly this size; itself where it has it already. */
export async function resized(
  raster: Raster,
  { width, height }: Size,
  kernel: Kernel = 'lanczos3',
): Promise<Raster> {
  if (raster.width === width && raster.height === height) return raster;
  return toRaster(fromRaster(raster).resize(width, height, { fit: 'fill', kernel }));
}

/**
 * Gives the memory of pixels back that nobody will look at again. Left to the garbage collector, they make it go
 * through everything once a photo, which costs a twentieth of what the photo does. Those that share their memory with
 * others, as small buffers do, stay.
 */
export function release({ data }: Raster): void {
  const memory = data.buffer;
  if (memory instanceof ArrayBuffer && memory.byteLength === data.byteLength) memory.transfer(0);
}
