/**
 * `deno task parity <folder>`: compares this code with stored reference numbers, whatever the sizes of the models.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { field } from "../lib/config/field.ts";
import type { Stage } from "../lib/core/stage.ts";
import { runCommand } from "../lib/run/command.ts";
import type { Live } from "../lib/run/live.ts";
import type { BackendOptions } from "../lib/tensor/backend.ts";

const SPEC = {
  name: "parity",
  summary: "compare the models with stored reference numbers",
  positionals: [{
    name: "folder",
    place: "read" as const,
    doc: "Reference cases: a folder of the experts or of the Show-o layout.",
  }],
  options: {
    device: field.choice(["auto", "tensorflow", "webgpu", "wasm", "cpu"], {
      default: "auto",
      doc: "Where tensors live.",
    }),
    compile: field.choice(["xla", "graph", "off"], {
      default: "xla",
      doc: "How compiled functions run on TensorFlow: by XLA, as graphs, or op by op.",
    }),
    failures: field.bool({ default: false, doc: "Print only what is outside its tolerance." }),
  },
};

interface Request extends BackendOptions {
  readonly folder: string;
  readonly failures: boolean;
}

async function parity({ folder, failures, ...options }: Request): Promise<Stage<Live, number>> {
  const { openBackend } = await import("../lib/tensor/backend.ts");
  const { passed, parityTable } = await import("../lab/parity/check.ts");
  const { allCases } = await import("../lab/parity/all_cases.ts");
  const { liveBlobs } = await import("../lib/run/blobs.ts");
  return pipe(
    openBackend(options),
    RTE.flatMap(() => allCases(folder)),
    RTE.local((live: Live) => ({ ...live, blobs: liveBlobs })),
    RTE.flatMapReader((checks) => ({ output }: Live) => {
      const failed = checks.filter((check) => !passed(check));
      for (const line of parityTable(failures ? failed : checks, checks.length)) output(line);
      return failed.length === 0 ? 0 : 1;
    }),
  );
}

if (import.meta.main) {
  await runCommand(SPEC, ({ positionals, options }) => {
    const { device, compile, failures } = options;
    return parity({
      folder: (positionals["folder"] as string).replace(/\/+$/, ""),
      device,
      compile,
      failures,
    });
  });
}
