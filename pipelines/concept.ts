/**
 * `deno task concept new|check`: a concept from a folder of photos; what is wrong with one.
 *
 * @module
 */
import { join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { field, type SectionValue } from "../lib/config/field.ts";
import type { Frozen } from "../lib/config/load.ts";
import type { Concept } from "../lib/concept/concept.ts";
import type { HasFiles, HasLog, HasOutput } from "../lib/core/capability.ts";
import type { Stage } from "../lib/core/stage.ts";
import { runCommand } from "../lib/run/command.ts";

const folder = (doc: string) => field.path("read", { default: "", doc });

const SPEC = {
  name: "concept",
  summary: "make a concept from a folder of photos (new), or see whether one is ready for training (check)",
  positionals: [
    { name: "action", doc: "new or check." },
    {
      name: "path",
      place: "read" as const,
      doc: "new: a folder of photos; check: a concept's folder, or its id.",
    },
  ],
  options: {
    id: field.text({
      default: "",
      doc: "new: letters, digits, underscores; mochi is written <mochi> in prompts.",
    }),
    class: field.text({ default: "", doc: "new: a noun, such as dog." }),
    category: field.choice(["human", "animal", "object"], {
      default: "object",
      doc: "new: what it is; decides which experts count.",
    }),
    info: field.text({
      default: "",
      doc: 'new: one sentence about its looks, "<mochi> is a small white dog."',
    }),
    fact: field.list(field.text({ doc: "A fact." }), {
      default: [],
      doc: 'new, repeatable: "<mochi> wears a red hat at parties. | a photo of <mochi> at a party | ' +
        'a photo of <mochi> with a red hat at a party": a fact, a prompt that needs it, that prompt with the fact.',
    }),
    testPhotos: folder("new: folder of photos to test on; default: one photo in four is held out."),
    lookAlikes: folder("new: folder of photos of similar things, to learn the answer No from."),
    otherPhotos: folder("new: folder of photos of anything else, for the answer No."),
    out: field.path("folder", { default: "photos", doc: "new: the data set that it is added to." }),
    config: field.path("read", {
      default: "configs/nano.yaml",
      doc: "Settings of the training to come: prompts that are too long for its model are named.",
    }),
  },
};

type Options = Frozen<SectionValue<typeof SPEC.options>>;
type Needs = HasFiles & HasLog & HasOutput;

const refuse = (problem: string, remedy: string): Stage<Needs, never> =>
  RTE.left({ _tag: "InputInvalid", where: "concept", problem, remedy });

/** Names the prompts of a concept that are too long for the model that is to draw them; says how many there are. */
async function checkLengths(config: string): Promise<(concept: Concept) => Stage<Needs, number>> {
  const { drawnTexts } = await import("../lib/concept/concept_check.ts");
  const { loadConfig } = await import("../lib/config/load.ts");
  const { loadProfile } = await import("../lib/method/profile.ts");
  const { openPromptReader, unreadWords, warnUnread } = await import("../lib/method/prompt_reader.ts");
  const { TRAINING } = await import("../lib/method/settings.ts");
  return (concept) =>
    pipe(
      RTE.Do,
      RTE.bindW("settings", () => loadConfig(TRAINING, { path: config })),
      RTE.bindW("profile", ({ settings }) => loadProfile(settings.profile)),
      RTE.bindW("reader", ({ settings, profile }) => {
        const { semanticTokens, generationTokens, mentions } = settings;
        return openPromptReader(profile, {
          ...{ token: concept.token, semanticTokens, generationTokens, mentions },
        });
      }),
      RTE.flatMap(({ reader }) => warnUnread((text) => unreadWords(reader, text), drawnTexts(concept))),
    );
}

async function check(reference: string, config: string): Promise<Stage<Needs, void>> {
  const { checkConcept, conceptSummary } = await import("../lib/concept/concept_check.ts");
  const lengths = await checkLengths(config);
  return pipe(
    checkConcept(reference, ["assets/world", "assets/photos", "photos"]),
    RTE.bindW("cut", ({ concept }) => lengths(concept)),
    RTE.flatMapReader(({ concept, unreadable, nearDuplicates, cut }) => ({ output }: HasOutput): void => {
      conceptSummary(concept).forEach(output);
      const oddities = [
        ...(cut === 0 ? [] : [`${cut} prompts are too long for the model`]),
        ...(unreadable.length === 0 ? [] : [`${unreadable.length} photos can't be read`]),
        ...(nearDuplicates === 0 ? [] : [`${nearDuplicates} test photos look like a train photo`]),
      ];
      output(oddities.length === 0 ? "ready for training" : `usable, but ${oddities.join(" and ")}`);
    }),
  );
}

async function create(path: string, options: Options): Promise<Stage<Needs, void>> {
  const { addConcept, parseFact, readPhotoFolder } = await import("../lib/concept/photo_folder.ts");
  const { id, category, info, out } = options;
  const optional = (from: string) => from === "" ? RTE.right(undefined) : readPhotoFolder(from);
  const verified = await check(join(out, id), options.config);
  return pipe(
    RTE.Do,
    RTE.bindW("facts", () => RTE.fromEither(pipe(options.fact, E.traverseArray(parseFact)))),
    RTE.bindW("photos", () => readPhotoFolder(path)),
    RTE.bindW("testPhotos", () => optional(options.testPhotos)),
    RTE.bindW("lookAlikes", () => optional(options.lookAlikes)),
    RTE.bindW("otherPhotos", () => optional(options.otherPhotos)),
    RTE.flatMap(({ facts, photos, ...folders }) => {
      const given = Object.fromEntries(Object.entries(folders).filter(([, photos]) => photos !== undefined));
      const told = info === "" ? {} : { info };
      return addConcept(out, { id, className: options.class, category, facts, photos, ...told, ...given });
    }),
    RTE.flatMapReader(({ warnings, files }) => ({ log, output }: HasLog & HasOutput): void => {
      warnings.forEach((warning) => log.warn(warning));
      output(`${files.size} files in ${out}`);
    }),
    RTE.flatMap(() => verified),
    RTE.flatMapReader(() => ({ output }: HasOutput): void =>
      output(`next: deno task train --set concept=${join(out, id)}`)
    ),
  );
}

if (import.meta.main) {
  await runCommand(SPEC, async ({ positionals, options }) => {
    const { action = "", path = "" } = positionals;
    if (action === "check") return await check(path, options.config);
    if (action !== "new") return refuse(`unknown action "${action}"`, "write new or check");
    if (options.id === "") return refuse("the concept has no name", "add --id mochi");
    if (options.class === "") return refuse("it is not said what the concept is", "add --class dog");
    return await create(path, options);
  });
}
