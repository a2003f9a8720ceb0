/**
 * What the decoder of one picture format hands on.
 *
 * @module
 */
import type { RgbImage } from "./image.ts";

/** Opaque pixels as stored, and how to turn them. */
export interface Decoded {
  readonly image: RgbImage;
  /** EXIF orientation, 1…8. */
  readonly orientation: number;
  readonly warnings: readonly string[];
}
