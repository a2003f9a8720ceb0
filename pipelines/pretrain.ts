/**
 * `deno task pretrain`: trains the small models of a profile on the procedural world.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { field } from "../lib/config/field.ts";
import { loadConfig } from "../lib/config/load.ts";
import { PRETRAINING } from "../lab/pretrain/config.ts";
import { liveBlobs } from "../lib/run/blobs.ts";
import { runCommand } from "../lib/run/command.ts";
import type { Live } from "../lib/run/live.ts";

/** The settings of `--quick`. */
const QUICK = "configs/pretrain-quick.yaml";

if (import.meta.main) {
  await runCommand({
    name: "pretrain",
    finishes: true,
    summary: "Trains the small models of a profile on the procedural world; continues where it was stopped.",
    positionals: [
      {
        name: "part",
        doc: "all, perception, judge, tokenizer, unified, blip2, dinov2, ernie, clip, mtcnn, facenet",
        default: "all",
      },
      { name: "config", place: "read" as const, doc: "Settings.", default: "configs/pretrain-nano.yaml" },
    ],
    options: {
      quick: field.bool({
        default: false,
        doc: `A lesser set in under an hour: the settings of ${QUICK} instead of config.`,
      }),
      work: field.path("folder", { default: ".cache/pretrain", doc: "Folder for states and curves." }),
      assets: field.path("folder", { default: "assets", doc: "Folder for finished models." }),
      device: field.choice(["auto", "tensorflow", "webgpu", "wasm", "cpu"], {
        default: "auto",
        doc: "Backend.",
      }),
    },
    config: { schema: PRETRAINING, from: "config" },
  }, async ({ config: full, options, positionals, overrides }) => {
    const { pretrain } = await import("../lab/pretrain/pretrain.ts");
    const wanted = options.quick ? loadConfig(PRETRAINING, { path: QUICK, overrides }) : RTE.right(full);
    const stage = pipe(
      wanted,
      RTE.flatMap((config) =>
        pretrain({
          part: positionals["part"] ?? "all",
          config,
          folder: `${options.work}/${config.name}`,
          assets: `${options.assets}/${config.name}`,
          device: options.device,
        })
      ),
    );
    return RTE.local((live: Live) => ({ ...live, blobs: liveBlobs }))(stage);
  });
}
