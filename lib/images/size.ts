/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle of a picture, in pixels. */
export interface Area extends Size {
  readonly left: number;
  readonly top: number;
}

/** The size times `scale`, in whole pixels, at least one. */
export function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** In pixels. */
export function area({ width, height }: Size): number {
  return width * height;
}
