/**
 * The compiled WebP decoder. A JavaScript file because source-phase imports are not yet TypeScript syntax.
 *
 * @module
 */
import source wasm from "@jsquash/webp/codec/dec/webp_dec.wasm";

export default wasm;
