/**
 * Which run `train --resume` means, and which of its settings may be other than before.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles, HasLog } from "../core/capability.ts";
import { DONE, type Stage } from "../core/stage.ts";
import type { RunFolder } from "../run/folder.ts";
import { type ResumedRun, resumeRun } from "../run/session.ts";
import { TRAINING, type TrainingSettings } from "../method/settings.ts";
import { comparedWeights } from "../trained/weights_used.ts";

/** Settings that a run may change on its way: when it stops, where it computes, what it holds in memory, what it writes down. */
const MAY_DIFFER = [
  ...["name", "runs", "device", "save_every", "keep", "sample_every"],
  ...[
    "rl.max_steps",
    "rl.max_kl",
    "evaluation.patience",
    "rl.microbatch",
    "rl.microbatch_steps",
    "evaluation.every",
    "evaluation.best",
  ],
];

const SHAPES = "the checkpoint's tensors have its shapes";
const OVER = "the cold start is over";

/** Where experts behind a URL are, and how patiently they are asked: a server may move while a run waits. */
const remoteMayDiffer = ({ rewards: { remote } }: TrainingSettings): readonly string[] =>
  Object.keys(remote).flatMap((name) =>
    ["url", "timeout", "retries", "batch_size", "on_failure", "token_variable"].map((key) =>
      `rewards.remote.${name}.${key}`
    )
  );

/** Settings that no force can change. */
const FIXED = {
  ...{ semantic_tokens: SHAPES, generation_tokens: SHAPES, cold_start: OVER },
  ...{ "rl.trainable": SHAPES, "rl.lora_rank": SHAPES, "rl.lora_targets": SHAPES },
};

/** Where a run goes on; its tensors are read when everything else is loaded. */
export interface Before extends Pick<ResumedRun, "folder" | "changes"> {
  readonly checkpoint: string;
  readonly step: number;
}

const refuseOtherWeights = (folder: RunFolder, settings: TrainingSettings): Stage<HasFiles, void> =>
  pipe(
    comparedWeights(folder, settings),
    RTE.flatMapEither((weights) =>
      weights !== "other" ? E.right(undefined) : E.left({
        _tag: "InputInvalid" as const,
        where: folder.path,
        problem: `was made from other weights than ${settings.profile} holds now`,
        remedy: "start a new run without --resume, or continue all the same with --force",
      })
    ),
  );

/**
 * Finds the run to continue, before anything is loaded.
 *
 * @param settings The settings of now, compat laid over them.
 * @param options.resume `latest`, a name, a folder or a checkpoint; empty for a new run.
 * @param options.force Whether to go on although settings or weights differ.
 * @returns A stage with the place to go on from; `null` for a new run.
 */
export function resumed(
  settings: TrainingSettings,
  { resume, force }: { readonly resume: string; readonly force: boolean },
): Stage<HasFiles & HasLog, Before | null> {
  if (resume === "") return RTE.right(null);
  const strictness = {
    root: settings.runs,
    force,
    mayDiffer: [...MAY_DIFFER, ...remoteMayDiffer(settings)],
    fixed: FIXED,
  };
  return pipe(
    resumeRun(resume, { schema: TRAINING, config: settings }, strictness),
    RTE.tap(({ folder }): Stage<HasFiles, void> => force ? DONE : refuseOtherWeights(folder, settings)),
    RTE.map(({ folder, changes, checkpoint }) => ({
      ...{ folder, changes, checkpoint: checkpoint.path, step: checkpoint.step },
    })),
  );
}
