/**
 * `deno task score <photo> --text "…" --concept …`: what each expert thinks of one picture.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { field, type SectionValue } from "../lib/config/field.ts";
import { decodeConfig, type Frozen } from "../lib/config/load.ts";
import type { Stage } from "../lib/core/stage.ts";
import { runCommand } from "../lib/run/command.ts";
import type { Live } from "../lib/run/live.ts";
import { TRAINING } from "../lib/method/settings.ts";

const SPEC = {
  name: "score",
  summary: "show what each reward expert thinks of one picture",
  positionals: [{ name: "photo", place: "read" as const, doc: "A PNG, JPEG, WebP or GIF file." }],
  options: {
    text: field.text({
      default: "",
      doc: "The prompt that it should show; default: a photo of the concept.",
    }),
    concept: field.path("read", {
      default: "assets/world/mip",
      doc: "Concept folder, or the id of a bundled concept.",
    }),
    profile: field.path("read", {
      default: "assets/nano",
      doc: "Folder whose profile.yaml names the experts.",
    }),
    answer: field.text({ default: "", doc: "What the model said before it drew; the text expert reads it." }),
    fact: field.int({
      default: 0,
      min: 0,
      doc: "Number of the fact that the answer should tell, from 1; 0 = the one whose prompt the text is.",
    }),
    device: field.choice(["auto", "tensorflow", "webgpu", "wasm", "cpu"], {
      default: "auto",
      doc: "Backend.",
    }),
  },
};

type Options = Frozen<SectionValue<typeof SPEC.options>>;

async function score(photo: string, options: Options): Promise<Stage<Live, void>> {
  const { liveBlobs } = await import("../lib/run/blobs.ts");
  const { openBackend } = await import("../lib/tensor/backend.ts");
  const { prepareTensorFlow } = await import("../lib/tensor/tensorflow/setup/install.ts");
  const { loadConceptImage } = await import("../lib/concept/photo.ts");
  const { openConcept } = await import("../lib/trained/checkpointed.ts");
  const { loadProfile } = await import("../lib/method/profile.ts");
  const { readMentions } = await import("../lib/trained/mention.ts");
  const { pictureScores, scoreTable } = await import("../lib/trained/picture_scores.ts");
  const { text, answer, fact, device } = options;
  const stage = pipe(
    RTE.Do,
    RTE.bindW("profile", () => loadProfile(options.profile)),
    RTE.bindW("image", ({ profile }) => loadConceptImage(photo, profile.imageSize)),
    RTE.bindW("concept", () => openConcept(options.concept)),
    RTE.bindW(
      "named",
      ({ concept: { token } }) => readMentions(text === "" ? `A photo of ${token}.` : text, token),
    ),
    RTE.bindW("settings", () => RTE.fromEither(decodeConfig(TRAINING))),
    RTE.tap(() => prepareTensorFlow({ device })),
    RTE.tap(() => openBackend({ device })),
    RTE.flatMap(({ concept, image, named, profile, settings }) =>
      pictureScores(
        { concept, image, text: named, answer, fact: fact === 0 ? null : fact - 1 },
        profile,
        settings,
      )
    ),
    RTE.flatMapReader((scores) => ({ output }: Live): void => scoreTable(scores).forEach(output)),
  );
  return (live) => stage({ ...live, blobs: liveBlobs });
}

if (import.meta.main) {
  await runCommand(SPEC, ({ positionals, options }) => score(positionals["photo"] as string, options));
}
