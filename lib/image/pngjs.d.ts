/** What the project uses of pngjs; the published types bring all of Node's with them. */

/** How a picture is stored: 2 is RGB, 6 is RGBA. */
export interface PngOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorType?: number;
  readonly inputHasAlpha?: boolean;
}

/** A picture of one byte per channel. */
export declare class PNG {
  constructor(options?: PngOptions);
  static readonly sync: {
    read(bytes: Uint8Array): PNG;
    write(png: PNG, options?: PngOptions): Uint8Array;
  };
  readonly width: number;
  readonly height: number;
  data: Uint8Array;
}
