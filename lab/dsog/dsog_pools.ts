/**
 * Pools of candidates: every preview scored in every way, every picture finished and rewarded, so that rules can be compared on the
 * same candidates.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../../lib/core/capability.ts";
import { fold } from "../../lib/core/key.ts";
import type { Stage } from "../../lib/core/stage.ts";
import { previewRow } from "../../lib/method/rewarding.ts";
import { type AskedTask, makeDecoders, preview, type Prompted } from "../../lib/method/rollout.ts";
import type { TrainingSettings } from "../../lib/method/settings.ts";
import type { Mode } from "../../lib/method/task.ts";
import { contextOf, finalScores, keyOf, promptedGroup, type Study, taskOf } from "./dsog_rollouts.ts";

/** A way to score a preview. */
export type PreviewWay = Pick<TrainingSettings["dsog"], "text" | "preview"> & { readonly step: number };

/** A candidate: what it said, what its previews scored, and how it ended. */
export interface PoolRow {
  /** Candidates of one group share task and prompt before reasoning. */
  readonly group: number;
  readonly mode: Mode;
  /** The compound prompt. */
  readonly prompt: string;
  /** Whether the answer is exactly the right one. */
  readonly right: boolean;
  /** {@link wayName} → score. */
  readonly scores: Readonly<Record<string, number>>;
  /** The ensemble reward of the finished trajectory. */
  readonly reward: number;
}

/** Candidates of a pool, in multiples of G: what a quarter of passing previews asks for. */
export const POOL_BATCHES = 4;

/** `explicit, sampled, step 2`. */
export function wayName({ text, preview, step }: PreviewWay): string {
  return `${text}, ${preview}, step ${step}`;
}

const TEXTS = ["compound", "explicit", "base"] as const;

/** The settings' step and one half way through, drawn and most likely, against each text. */
export function previewWays({ dsog, generation }: TrainingSettings): readonly PreviewWay[] {
  const half = Math.max(1, Math.floor(generation.timesteps / 2));
  return [...new Set([dsog.previewStep as number, half])].flatMap((step) =>
    (["sampled", "likely"] as const).flatMap((kind) =>
      TEXTS.map((text): PreviewWay => ({ text, preview: kind, step }))
    )
  );
}

/** Settings that score previews in a way. */
export function withWay(settings: TrainingSettings, { text, preview, step }: PreviewWay): TrainingSettings {
  return { ...settings, dsog: { ...settings.dsog, text, preview, previewStep: step } } as TrainingSettings;
}

/** A study for each kind of preview: the decoders are compiled once. */
export type StudyByPreview = Readonly<Record<PreviewWay["preview"], Study>>;

/** Adds the decoders whose pauses show the most likely codes. */
export function byPreview(study: Study): StudyByPreview {
  const of = (kind: PreviewWay["preview"]): Study => {
    const settings = withWay(study.settings, { text: "compound", preview: kind, step: 1 });
    return { ...study, decoders: makeDecoders(study.runtime, settings) };
  };
  return { sampled: of("sampled"), likely: of("likely") };
}

/** The scores of previews that were drawn once, against one text after the other. */
function scoresOf(
  study: Study,
  { task, prompted, ways }: {
    readonly task: AskedTask;
    readonly prompted: readonly Prompted[];
    readonly ways: readonly PreviewWay[];
  },
): Stage<unknown, readonly (readonly [string, readonly number[]])[]> {
  const { rewardConcept: concept, experts } = study;
  const settings = withWay(study.settings, ways[0] as PreviewWay);
  return pipe(
    RTE.fromEither(preview(contextOf(study, settings), prompted)),
    RTE.flatMap((drawn) =>
      RTE.traverseSeqArray((way: PreviewWay) =>
        pipe(
          experts.previewExpert.score(drawn.map((each) =>
            previewRow(task, each, {
              concept,
              image: each.preview,
              settings: withWay(study.settings, way),
            })
          )),
          RTE.map((scores) => [wayName(way), [...scores]] as const),
        )
      )(ways)
    ),
  );
}

/** Ways that look at the same pictures, together. */
const samePictures = (ways: readonly PreviewWay[]): readonly (readonly PreviewWay[])[] => [
  ...Map.groupBy(ways, ({ preview, step }) => `${preview} ${step}`).values(),
];

/**
 * Draws the pool of a group: {@link POOL_BATCHES} · G candidates, all finished.
 *
 * @param studies The policy, with decoders for each kind of preview.
 * @param group The number of the group, which gives its task and all its randomness.
 * @param ways How previews are scored.
 * @returns One row per candidate.
 */
export function drawPool(
  studies: StudyByPreview,
  group: number,
  ways: readonly PreviewWay[],
): Stage<HasFiles, readonly PoolRow[]> {
  const study = studies.sampled;
  const count = POOL_BATCHES * study.settings.rl.numGenerations;
  const keys = Array.from({ length: count }, (_, index) => fold(fold(keyOf(study, group), "pool"), index));
  return pipe(
    RTE.Do,
    RTE.bindW("task", () => taskOf(study, group)),
    RTE.bindW("prompted", ({ task }) => promptedGroup(study, task, keys)),
    RTE.bindW(
      "scores",
      ({ task, prompted }) =>
        RTE.traverseSeqArray((some: readonly PreviewWay[]) =>
          scoresOf(studies[some[0]?.preview ?? "sampled"], { task, prompted, ways: some })
        )(samePictures(ways)),
    ),
    RTE.bindW("finished", ({ task, prompted }) => finalScores(study, task, prompted)),
    RTE.map(({ task, prompted, scores, finished }) =>
      prompted.map(({ compoundPrompt, text }, index): PoolRow => ({
        group,
        mode: task.mode,
        prompt: compoundPrompt,
        right: text === task.candidates[task.truthIndex],
        scores: Object.fromEntries(scores.flat().map(([name, values]) => [name, values[index] ?? NaN])),
        reward: finished.scores.total[index] ?? NaN,
      }))
    ),
  );
}
