/** The compiled WebP decoder. */
declare const wasm: WebAssembly.Module;
export default wasm;
