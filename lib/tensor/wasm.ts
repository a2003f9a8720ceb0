/**
 * The WebAssembly backend: works everywhere, on one core.
 *
 * @module
 */
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { tf } from "./tf.ts";
import { replaceMatMul } from "./wasm_matmul.ts";

/** Names the folder that holds the package's `.wasm` files: the folder of its entry file. */
function wasmFolder(): string {
  const entry = new URL(import.meta.resolve("@tensorflow/tfjs-backend-wasm"));
  if (entry.protocol !== "file:") throw new Error("the package's files are not on this disk");
  return decodeURIComponent(new URL(".", entry).pathname);
}

/** Loads the WebAssembly backend and makes it the active one; rejects if it can't be started. */
export async function openWasm(): Promise<void> {
  setWasmPaths(wasmFolder());
  if (!await tf.setBackend("wasm")) throw new Error("the WebAssembly module could not be started");
  await tf.ready();
  replaceMatMul();
}
