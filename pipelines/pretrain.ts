/**
 * `deno task pretrain`: trains the small models of a profile on the procedural world.
 *
 * @module
 */
import { PRETRAINING } from "../lib/pretrain/config.ts";
import { field } from "../lib/config/field.ts";
import { runCommand } from "../lib/run/command.ts";

if (import.meta.main) {
  await runCommand({
    name: "pretrain",
    summary: "Trains the small models of a profile on the procedural world; continues where it was stopped.",
    positionals: [
      { name: "part", doc: "all, perception, judge, tokenizer", default: "all" },
      { name: "config", doc: "Settings.", default: "configs/pretrain-nano.yaml" },
    ],
    options: {
      work: field.text({ default: ".cache/pretrain", doc: "Folder for states and curves." }),
      device: field.choice(["auto", "tensorflow", "webgpu", "wasm", "cpu"], {
        default: "auto",
        doc: "Backend.",
      }),
    },
    config: { schema: PRETRAINING, from: "config" },
  }, async ({ config, options, positionals }) => {
    const { pretrain } = await import("../lib/pretrain/pretrain.ts");
    return pretrain({
      part: positionals["part"] ?? "all",
      config,
      folder: `${options.work}/${config.name}`,
      device: options.device,
    });
  });
}
