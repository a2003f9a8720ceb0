/**
 * Images as plain data: decoding, encoding, grids.
 *
 * @module
 */
export { type RgbImage, solidImage } from "./image.ts";
export { encodePng } from "./png.ts";
export { decodeImage, type ImageFile } from "./image_file.ts";
export { type GridCaption, type GridCell, type GridOptions, imageGrid } from "./png_grid.ts";
