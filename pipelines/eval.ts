/**
 * `deno task eval [run]`: all metrics of a run, of predictions made elsewhere, or of a system behind a server.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { field, type SectionValue } from "../lib/config/field.ts";
import { type Frozen, loadConfig } from "../lib/config/load.ts";
import type { HasFiles, HasOutput } from "../lib/core/capability.ts";
import { DONE, type Stage } from "../lib/core/stage.ts";
import type { EvaluationRequest, Target } from "../lib/evaluation/requested.ts";
import type { HasEvaluation } from "../lib/evaluation/session.ts";
import { EVALUATION, evaluationRules, type EvaluationSettings } from "../lib/evaluation/settings.ts";
import { runCommand } from "../lib/run/command.ts";
import { resolveRunPlace } from "../lib/run/folder.ts";
import { BASELINES } from "../lib/baselines/settings.ts";
import type { Live } from "../lib/run/live.ts";

const SPEC = {
  name: "eval",
  finishes: true,
  summary: "measure a run, predictions made elsewhere, or a system behind a server",
  positionals: [{
    name: "run",
    place: "run" as const,
    doc: "Run folder, its name, or one of its checkpoints.",
    default: "runs/latest",
  }],
  options: {
    tasks: field.text({ default: "", doc: "Tasks with commas between, as --set tasks=[…]." }),
    judge: field.text({ default: "", doc: "world, chat, recorded or none, as --set judge.kind=…." }),
    imagesPerPrompt: field.int({ default: 0, min: 0, doc: "As --set images_per_prompt=…; 0 = as set." }),
    predictions: field.path("read", {
      default: "",
      doc: "Score this folder of predictions (*.jsonl) instead of a run.",
    }),
    official: field.path("read", {
      default: "",
      doc: "Score the output folder of the public scripts: <folder>:<checkpoint>:<epoch>.",
    }),
    endpoint: field.text({
      default: "",
      doc: "Ask the server at this address (up to /v1) instead of a run.",
    }),
    textPrompt: field.bool({
      default: false,
      doc: "Evaluate the untrained backbone, told in words (Show-o+TP).",
    }),
    baseline: field.choice(["none", ...BASELINES], {
      default: "none",
      doc: "Train this baseline on the concept and evaluate it.",
    }),
    beside: field.path("read", {
      default: "",
      doc: "Evaluations to print in the same table: step-000000.json files with commas between.",
    }),
    hardCases: field.bool({
      default: false,
      doc: "Ask hard cases too: look-alikes, and what nobody can know.",
    }),
    lookAlikes: field.path("read", {
      default: "",
      doc: "Folder of photos of look-alikes for hard cases; the procedural world draws its own.",
    }),
    calibration: field.bool({
      default: false,
      doc:
        "Only measure whether the probabilities of the profile's attribute reader hold; a run keeps the numbers for its report.",
    }),
    items: field.path("file", { default: "", doc: "Only write the items to this file, for other programs." }),
    model: field.text({ default: "", doc: "What tables call the system; on a server its name there." }),
    concept: field.path("read", {
      default: "assets/world/mip",
      doc: "Without a run: a concept, or a data set folder for all.",
    }),
    profile: field.path("read", {
      default: "assets/nano",
      doc: "Without a run: where experts and backbone lie.",
    }),
    out: field.path("folder", {
      default: "",
      doc: "Without a run: folder of the results; default runs/eval-<model>.",
    }),
  },
  config: { schema: EVALUATION, crossRules: evaluationRules },
};

type Options = Frozen<SectionValue<typeof SPEC.options>>;

/** Short flags are settings in disguise. */
const overridesOf = (
  { tasks, judge, imagesPerPrompt, hardCases, lookAlikes }: Options,
): readonly string[] => [
  ...(tasks === "" ? [] : [`tasks=[${tasks}]`]),
  ...(judge === "" ? [] : [`judge.kind=${judge}`]),
  ...(hardCases || lookAlikes !== "" ? ["hard_cases=true"] : []),
  ...(lookAlikes === "" ? [] : [`look_alikes=${lookAlikes}`]),
  ...(imagesPerPrompt === 0 ? [] : [`images_per_prompt=${imagesPerPrompt}`]),
];

function targetOf(path: string, options: Options): Target {
  const { predictions, official, endpoint, textPrompt, baseline } = options;
  if (baseline !== "none") return { kind: "baseline", name: baseline };
  if (predictions !== "") return { kind: "predictions", folder: predictions };
  if (official !== "") return { kind: "official", place: official };
  if (endpoint !== "") return { kind: "endpoint", baseUrl: endpoint };
  return textPrompt ? { kind: "backbone" } : { kind: "run", path };
}

type Needs = HasEvaluation & HasOutput;

const print = (text: string) => ({ output }: HasOutput): void => output(text.trimEnd());

async function listItems(
  options: Options,
  settings: EvaluationSettings,
): Promise<Stage<Needs, void>> {
  const { namedConcepts } = await import("../lib/evaluation/named_concepts.ts");
  const { writeItems } = await import("../lib/evaluation/session.ts");
  return pipe(
    namedConcepts(options.concept),
    RTE.flatMap(({ concepts }) => writeItems(concepts, options.items, settings)),
    RTE.flatMapReader((count) => print(`${count} items in ${options.items}`)),
  );
}

/** The `eval` folder of a run, if there is such a run. */
const evaluationsOf = (path: string): Stage<HasFiles, string | null> =>
  pipe(
    resolveRunPlace(path),
    RTE.map(({ folder }): string | null => folder.evaluations),
    RTE.orElse(() => RTE.right<HasFiles, never, string | null>(null)),
  );

async function measureJudge(
  path: string,
  { profile }: Options,
  { device, seed }: EvaluationSettings,
): Promise<Stage<Needs, void>> {
  const { writeJudgeCalibration } = await import("../lib/run/judge_calibration.ts");
  const { openBackend } = await import("../lib/tensor/backend.ts");
  const { calibrationText, profileCalibration } = await import(
    "../lab/capability_checks/judge_calibration.ts"
  );
  return pipe(
    openBackend({ device }),
    RTE.flatMap(() => profileCalibration(profile, { seed })),
    RTE.tap((found): Stage<Needs, void> =>
      pipe(
        evaluationsOf(path),
        RTE.flatMap((folder): Stage<Needs, void> =>
          folder === null ? DONE : pipe(
            writeJudgeCalibration(folder, { profile, ...found }),
            RTE.flatMapReader((file) => ({ log }: Needs) => log.info(`kept in ${file}`)),
          )
        ),
      )
    ),
    RTE.flatMapReader((found) =>
      print(
        `rendered scenes\n${calibrationText(found.rendered)}\n\nthe same after the image tokenizer\n` +
          calibrationText(found.decoded),
      )
    ),
  );
}

async function measure(
  request: EvaluationRequest,
  beside: readonly string[],
): Promise<Stage<Needs, void>> {
  const { readEvaluation } = await import("../lib/evaluation/evaluation.ts");
  const { openBackend } = await import("../lib/tensor/backend.ts");
  const { checkRequest, evaluateRequest } = await import("../lib/evaluation/requested.ts");
  const { evaluationTable } = await import("../lib/evaluation/evaluation_table.ts");
  const { terminalTable } = await import("../lib/metrics/table_formats.ts");
  const { judgeTables, plainTable } = await import("../lib/run/report_judges.ts");
  const { hardCaseTables } = await import("../lib/run/report_hard_cases.ts");
  const { published, device } = request.settings;
  return pipe(
    checkRequest(request),
    RTE.flatMap(() => RTE.traverseSeqArray(readEvaluation)(beside)),
    RTE.bindTo("others"),
    RTE.tap(() => openBackend({ device })),
    RTE.bindW("own", () => evaluateRequest(request)),
    RTE.flatMapReader(({ own, others }) => {
      const { judges = { agreement: [], bias: [] } } = own;
      const apart = [...hardCaseTables([own]), ...judgeTables(judges)].map(plainTable);
      return print([terminalTable(evaluationTable([own, ...others], { published })), ...apart].join("\n\n"));
    }),
  );
}

async function evaluation(
  path: string,
  options: Options,
  settings: EvaluationSettings,
): Promise<Stage<Live, void>> {
  const { liveBlobs } = await import("../lib/run/blobs.ts");
  const { networkFrom } = await import("../lib/metrics/judge/network.ts");
  const { model, concept, profile, out, items, calibration } = options;
  const variable = (name: string): string | undefined => Deno.env.get(name);
  const target = targetOf(path, options);
  const request = { target, settings, model, concept, profile, out, variable };
  const beside = options.beside.split(",").filter((path) => path !== "");
  const stage = calibration
    ? await measureJudge(path, options, settings)
    : items === ""
    ? await measure(request, beside)
    : await listItems(options, settings);
  return (live) => stage({ ...live, blobs: liveBlobs, network: networkFrom(fetch) });
}

if (import.meta.main) {
  await runCommand(SPEC, ({ positionals, options, overrides }) =>
    pipe(
      loadConfig(EVALUATION, {
        overrides: [...overrides, ...overridesOf(options)],
        crossRules: evaluationRules,
      }),
      RTE.flatMap((settings): Stage<Live, void> => (live) => async () => {
        const stage = await evaluation(positionals["run"] as string, options, settings);
        return await stage(live)();
      }),
    ));
}
