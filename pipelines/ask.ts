/**
 * `deno task ask <photo> "<question>"`: what the model of a run says about a photo.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { field, type SectionValue } from "../lib/config/field.ts";
import type { Frozen } from "../lib/config/load.ts";
import { scoped, type Stage } from "../lib/core/stage.ts";
import { runCommand } from "../lib/run/command.ts";
import type { Live } from "../lib/run/live.ts";

const SPEC = {
  name: "ask",
  summary: "ask the model of a run about a photo, or about what it knows",
  positionals: [
    { name: "photo", place: "read" as const, doc: "A PNG, JPEG, WebP or GIF file, or `none`." },
    { name: "question", doc: 'What to ask, in quotes: "What is <mip> wearing?".' },
  ],
  options: {
    run: field.path("read", { default: "latest", doc: "Run folder, its name, or one of its checkpoints." }),
    device: field.choice(["auto", "tensorflow", "webgpu", "wasm", "cpu"], {
      default: "auto",
      doc: "Backend.",
    }),
  },
};

type Options = Frozen<SectionValue<typeof SPEC.options>>;

async function ask(photo: string, question: string, options: Options): Promise<Stage<Live, void>> {
  const { liveBlobs } = await import("../lib/run/blobs.ts");
  const { openBackend } = await import("../lib/tensor/backend.ts");
  const { prepareTensorFlow } = await import("../lib/tensor/tensorflow/setup/install.ts");
  const { checkRun, openRunAssistant } = await import("../lib/trained/checkpointed.ts");
  const { askRun, questionPhoto } = await import("../lib/trained/ask_run.ts");
  const stage = pipe(
    questionPhoto(photo),
    RTE.bindTo("image"),
    RTE.tap(() => checkRun(options.run)),
    RTE.tap(() => prepareTensorFlow(options)),
    RTE.tap(() => openBackend(options)),
    RTE.flatMap(({ image }) =>
      scoped(
        openRunAssistant(options.run),
        (run) => askRun(run, { question, image }),
        ({ dispose }) => dispose(),
      )
    ),
    RTE.flatMapReader((answer) => ({ output }: Live): void => output(answer)),
  );
  return (live) => stage({ ...live, blobs: liveBlobs });
}

if (import.meta.main) {
  await runCommand(
    SPEC,
    ({ positionals, options }) =>
      ask(positionals["photo"] as string, positionals["question"] as string, options),
  );
}
