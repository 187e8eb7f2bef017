/** libheif as WebAssembly: the part of it that decodes one picture. */
declare module 'libheif-js/wasm-bundle.js' {
  interface Picture {
    readonly handle: unknown;
    is_primary(): boolean;
    get_width(): number;
    get_height(): number;
  }

  interface Decoded {
    /** Present where decoding failed. */
    readonly message?: string;
    /** `data` is a view of the decoder's memory; `stride` is the length of a row in it. */
    readonly channels?: readonly { readonly data: Uint8Array; readonly stride: number }[];
  }

  class HeifDecoder {
    /** The pictures of a file; none where it can't be read. */
    decode(bytes: Uint8Array): Picture[];
  }

  const libheif: {
    readonly HeifDecoder: typeof HeifDecoder;
    readonly heif_colorspace: { readonly heif_colorspace_RGB: unknown };
    readonly heif_chroma: {
      readonly heif_chroma_interleaved_RGB: unknown;
      readonly heif_chroma_interleaved_RGBA: unknown;
    };
    heif_js_decode_image2(handle: unknown, colorspace: unknown, chroma: unknown): Promise<Decoded> | Decoded;
  };
  export default libheif;
}

/** The part of WebAssembly's interface that Node has and TypeScript declares for browsers only. */
declare var WebAssembly: {
  readonly Memory: {
    readonly prototype: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  };
};
