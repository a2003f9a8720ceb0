/**
 * `deno task gates`: what the small models can do on held-out data, against the bounds they should meet.
 *
 * @module
 */
import { field, type SectionValue } from "../lib/config/field.ts";
import type { Frozen } from "../lib/config/load.ts";
import type { Stage } from "../lib/core/stage.ts";
import { runCommand } from "../lib/run/command.ts";
import type { Live } from "../lib/run/live.ts";

const SPEC = {
  name: "gates",
  summary: "measure the small models on held-out characters, against the bounds they should meet",
  positionals: [
    {
      name: "what",
      place: "read" as const,
      doc: "base (judge, tokenizer, drawing, answers), or a run on a bundled concept, e.g. runs/latest.",
      default: "base",
    },
  ],
  options: {
    profile: field.path("read", {
      default: "assets/nano",
      doc: "Folder whose profile.yaml names the models.",
    }),
    count: field.positiveInt({ default: 200, doc: "Scenes a gate; half as many for questions." }),
    seed: field.int({ default: 7, min: 0, doc: "Which scenes." }),
    out: field.path("file", { default: "", doc: "JSON file for the numbers, e.g. runs/gates.json." }),
    device: field.choice(["auto", "tensorflow", "webgpu", "wasm", "cpu"], {
      default: "auto",
      doc: "Backend.",
    }),
  },
};

async function gates(
  what: string,
  options: Frozen<SectionValue<typeof SPEC.options>>,
): Promise<Stage<Live, void>> {
  const { measureGates } = await import("../lab/capability_checks/measure.ts");
  return measureGates({ what, ...options });
}

if (import.meta.main) {
  await runCommand(SPEC, ({ positionals, options }) => gates(positionals["what"] as string, options));
}
