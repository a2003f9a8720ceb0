/**
 * `deno task pretrain`: trains the small models of a profile on the procedural world.
 *
 * @module
 */
import { PRETRAINING } from "../lib/pretrain/config.ts";
import { field } from "../lib/config/field.ts";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { liveBlobs } from "../lib/run/blobs.ts";
import { runCommand } from "../lib/run/command.ts";
import type { Live } from "../lib/run/live.ts";

if (import.meta.main) {
  await runCommand({
    name: "pretrain",
    summary: "Trains the small models of a profile on the procedural world; continues where it was stopped.",
    positionals: [
      {
        name: "part",
        doc: "all, perception, judge, tokenizer, blip2, dinov2, ernie, clip, mtcnn, facenet",
        default: "all",
      },
      { name: "config", doc: "Settings.", default: "configs/pretrain-nano.yaml" },
    ],
    options: {
      work: field.text({ default: ".cache/pretrain", doc: "Folder for states and curves." }),
      assets: field.text({ default: "assets", doc: "Folder for finished models." }),
      device: field.choice(["auto", "tensorflow", "webgpu", "wasm", "cpu"], {
        default: "auto",
        doc: "Backend.",
      }),
    },
    config: { schema: PRETRAINING, from: "config" },
  }, async ({ config, options, positionals }) => {
    const { pretrain } = await import("../lib/pretrain/pretrain.ts");
    const stage = pretrain({
      part: positionals["part"] ?? "all",
      config,
      folder: `${options.work}/${config.name}`,
      assets: `${options.assets}/${config.name}`,
      device: options.device,
    });
    return RTE.local((live: Live) => ({ ...live, blobs: liveBlobs }))(stage);
  });
}
