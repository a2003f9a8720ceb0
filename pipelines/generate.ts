/**
 * `deno task generate "<prompt>"`: pictures of the concept that a run has learnt.
 *
 * @module
 */
import { join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { field, type SectionValue } from "../lib/config/field.ts";
import type { Frozen } from "../lib/config/load.ts";
import { type Checked, scoped, type Stage } from "../lib/core/stage.ts";
import { checkWritable } from "../lib/run/folder.ts";
import { runCommand } from "../lib/run/command.ts";
import type { Live } from "../lib/run/live.ts";

const SPEC = {
  name: "generate",
  finishes: true,
  summary: "draw pictures of the concept that a run has learnt",
  positionals: [{ name: "prompt", doc: 'What to draw, in quotes: "a photo of <mip> at the beach".' }],
  options: {
    run: field.path("run", { default: "latest", doc: "Run folder, its name, or one of its checkpoints." }),
    count: field.positiveInt({ default: 4, doc: "Pictures." }),
    seed: field.int({ default: 1, min: 0, doc: "Seed; the same seed draws the same pictures." }),
    out: field.path("folder", { default: "", doc: "Folder of the pictures; default <run>/pictures." }),
    reason: field.bool({
      default: true,
      doc: "First let the model say which of its facts the prompt needs; --no-reason draws the prompt alone.",
    }),
    device: field.choice(["auto", "tensorflow", "webgpu", "wasm", "cpu"], {
      default: "auto",
      doc: "Backend.",
    }),
  },
};

type Options = Frozen<SectionValue<typeof SPEC.options>>;

async function generate(prompt: string, options: Options): Promise<Stage<Live, void>> {
  const { liveBlobs } = await import("../lib/run/blobs.ts");
  const { openBackend } = await import("../lib/tensor/backend.ts");
  const { prepareTensorFlow } = await import("../lib/tensor/tensorflow/setup/install.ts");
  const { checkRun, openRunAssistant } = await import("../lib/trained/checkpointed.ts");
  const { drawPictures } = await import("../lib/trained/draw_pictures.ts");
  const { count, seed, out, reason } = options;
  const stage = pipe(
    checkRun(options.run),
    RTE.tap(({ folder }) => checkWritable(out === "" ? join(folder.path, "pictures") : out)),
    RTE.tap(() => prepareTensorFlow(options)),
    RTE.tap(() => openBackend(options)),
    RTE.flatMap(() =>
      scoped(
        openRunAssistant(options.run),
        (run) =>
          drawPictures(run, {
            ...{ prompt, count, seed, reason },
            folder: out === "" ? join(run.folder, "pictures") : out,
          }),
        ({ dispose }) => dispose(),
      )
    ),
    RTE.tapReader((pictures) => ({ log, output }: Live): void => {
      if (pictures.prompt !== prompt) log.info(`drawn: ${pictures.prompt}`);
      [...pictures.files, pictures.grid].forEach((file) => output(file));
    }),
    RTE.flatMapEither(({ files }): Checked<void> =>
      files.length === count ? E.right(undefined) : E.left({
        ...{ _tag: "Interrupted", step: files.length, unit: "picture" },
        next: `what is drawn is kept; the same command draws all ${count}`,
      })
    ),
  );
  return (live) => stage({ ...live, blobs: liveBlobs });
}

if (import.meta.main) {
  await runCommand(SPEC, ({ positionals, options }) => generate(positionals["prompt"] as string, options));
}
