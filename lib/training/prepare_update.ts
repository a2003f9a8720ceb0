/**
 * Compiling an update before there is a group: on other threads, while the first group is drawn.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasFiles } from "../core/capability.ts";
import { fold } from "../core/key.ts";
import { DONE, type Stage } from "../core/stage.ts";
import { isLayerwise } from "../showo/model.ts";
import { unconditionalPrompt } from "../showo/prompt.ts";
import { ahead, compilesAhead } from "../tensor/jit.ts";
import { releaseFreedMemory } from "../tensor/tensorflow/allocator.ts";
import { copyTree } from "../tensor/tree.ts";
import { drawTask } from "../method/one_group.ts";
import { updateKey } from "../method/one_update.ts";
import type { RunContext } from "../method/run_context.ts";
import { disposeState, type PolicyState } from "../method/policy.ts";
import type { AskedTask } from "../method/rollout.ts";
import type { UpdateGroup } from "../method/update_batches.ts";

/** A group with the shapes of any other: blank pictures, answers of one token. */
function blankGroup({ runtime, settings }: RunContext, task: AskedTask): UpdateGroup {
  const { config: { vocabulary, textBlock, numVqTokens } } = runtime;
  const blank = new Int32Array(numVqTokens);
  const records = Array.from({ length: settings.generation.timesteps }, (_, step) => ({
    step,
    state: blank.map(() => -1),
    chosen: blank,
    logps: new Float32Array(numVqTokens),
  }));
  const answer = settings.reasoning.skip ? [] : [vocabulary.endOfText];
  const one = {
    imagePromptIds: unconditionalPrompt(vocabulary, textBlock),
    sample: { ids: answer, logps: answer.map(() => 0), stopped: true },
    records,
    advantage: 1,
  };
  return { task, weighted: Array.from({ length: settings.rl.numGenerations }, () => one) };
}

/**
 * Starts to compile the update of a run; the first update then waits less, or not at all. Does nothing on backends that don't
 * compile on other threads, and for big models, whose layers are few to compile and slow to run.
 *
 * @param state The state to begin with; stays the caller's, unchanged.
 * @returns A stage that ends when everything is traced. Left where no task can be drawn.
 */
export function prepareUpdate(run: RunContext, state: PolicyState): Stage<HasFiles, void> {
  if (!compilesAhead() || isLayerwise(run.runtime.config)) return DONE;
  return pipe(
    drawTask(run, fold(updateKey(run.settings, state.step), "task")),
    RTE.map((task) => {
      const { trainable, reference, optimizer } = state;
      const trial = { ...state, ...copyTree({ trainable, reference, optimizer }) };
      const updated = ahead(() =>
        run.update(trial, [blankGroup(run, task)], updateKey(run.settings, state.step))
      );
      if (E.isRight(updated)) disposeState(updated.right.state);
      releaseFreedMemory(); // a trace holds everything between, as no compiled update does
    }),
  );
}
