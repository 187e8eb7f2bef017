import { parentPort, workerData } from 'node:worker_threads';
import { MAX_WASM_BYTES } from './limits.ts';

/** What the worker is started with. */
export interface HeicTask {
  readonly bytes: Uint8Array;
  /** What the header said; a picture of another size is not the one that was inspected. */
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
}

/** 8-bit RGB, or RGBA where the picture has alpha, rows without gaps; or why there is none. */
export type HeicAnswer = { readonly pixels: Uint8Array<ArrayBuffer> } | { readonly problem: string };

const WASM_PAGE_BYTES = 65_536;

boundMemory();
// Imported late: the decoder's memory is made as it loads.
const { default: libheif } = await import('libheif-js/wasm-bundle.js');
const answer = await decode(workerData as HeicTask).catch(
  (error: unknown): HeicAnswer => ({ problem: `the decoder gave up (${error})` }),
);
parentPort?.postMessage(answer, 'pixels' in answer ? [answer.pixels.buffer] : []);

/** A worker's resource limits don't count WebAssembly memory; the decoder asks for more of it through this. */
function boundMemory(): void {
  const grow = WebAssembly.Memory.prototype.grow;
  WebAssembly.Memory.prototype.grow = function bounded(pages) {
    if (this.buffer.byteLength + pages * WASM_PAGE_BYTES > MAX_WASM_BYTES) {
      throw new RangeError(`The HEIC decoder may use ${MAX_WASM_BYTES} bytes of memory`);
    }
    return grow.call(this, pages);
  };
}

async function decode({ bytes, width, height, hasAlpha }: HeicTask): Promise<HeicAnswer> {
  const pictures = new libheif.HeifDecoder().decode(bytes);
  const picture = pictures.find((candidate) => candidate.is_primary()) ?? pictures[0];
  if (!picture) return { problem: 'no picture in it can be read' };
  if (picture.get_width() !== width || picture.get_height() !== height) {
    return { problem: `the picture is not ${width} x ${height}` };
  }
  const { message, channels } = await libheif.heif_js_decode_image2(
    picture.handle,
    libheif.heif_colorspace.heif_colorspace_RGB,
    hasAlpha
      ? libheif.heif_chroma.heif_chroma_interleaved_RGBA
      : libheif.heif_chroma.heif_chroma_interleaved_RGB,
  );
  const [interleaved] = channels ?? [];
  if (!interleaved) return { problem: message ?? 'it can not be decoded' };
  return { pixels: withoutGaps(interleaved, width * (hasAlpha ? 4 : 3), height) };
}

function withoutGaps({ data, stride }: { data: Uint8Array; stride: number }, row: number, rows: number) {
  const pixels = new Uint8Array(row * rows);
  for (let y = 0; y < rows; y += 1) pixels.set(data.subarray(y * stride, y * stride + row), y * row);
  return pixels;
}
