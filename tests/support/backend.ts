/**
 * The backend that tensor tests run on.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { describe } from "../../lib/core/error.ts";
import { type BackendName, openBackend } from "../../lib/tensor/backend.ts";

const silent = { info: () => {}, warn: (line: string) => console.warn(line), progress: () => {} };

/**
 * Opens TensorFlow where its libraries are found, else wasm, else cpu; or the backend that the variable
 * `UNICTOKENS_TEST_DEVICE` names. Call it at the top of every test file that makes tensors.
 *
 * @param preferred For tests of many small functions, which would take long to compile; the variable is stronger.
 * @returns The backend's name, for tolerances.
 */
export async function useTestBackend(preferred?: BackendName): Promise<BackendName> {
  const named = Deno.env.get("UNICTOKENS_TEST_DEVICE") as BackendName | undefined ?? preferred;
  for (const device of named === undefined ? ["tensorflow", "wasm", "cpu"] as const : [named]) {
    const opened = await openBackend({ device })({ log: silent })();
    if (E.isRight(opened)) return opened.right.name;
    if (named !== undefined) throw new Error(describe(opened.left));
  }
  throw new Error("no backend for tests");
}
