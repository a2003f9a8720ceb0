/**
 * `deno task setup`: makes TensorFlow's library available. Training and evaluation do the same when it is missing.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { field } from "../lib/config/field.ts";
import { runCommand } from "../lib/run/command.ts";

const SPEC = {
  name: "setup",
  summary: "fetch TensorFlow's library into .cache/tensorflow (274 MB, 853 MB on disk), once",
  options: {
    gpu: field.bool({ default: false, doc: "Fetch the CUDA libraries, too (3 GB, Linux on x86-64)." }),
    lib: field.path("read", {
      default: "",
      doc: "Use the libraries of this folder, such as Python's tensorflow.",
    }),
  },
};

if (import.meta.main) {
  await runCommand(SPEC, async ({ options: { gpu, lib } }) => {
    const { setupTensorFlow } = await import("../lib/tensor/tensorflow/setup/install.ts");
    const { openBackend } = await import("../lib/tensor/backend.ts");
    return pipe(
      setupTensorFlow({ gpu, libraryFolder: lib === "" ? undefined : lib }),
      RTE.flatMap(() => openBackend({ device: "tensorflow" })),
      RTE.asUnit,
    );
  });
}
