/**
 * Baselines that are trained on a concept when they are evaluated: Textual Inversion and DreamBooth on our own backbone.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as E from "fp-ts/lib/Either.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { dirname } from "node:path";
import type { Concept } from "../concept/concept.ts";
import type { HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import type { Assistant } from "../trained/assistant.ts";
import { dreambooth, withClass } from "../baselines/dreambooth.ts";
import { type BaselineName, baselineNaming, runSettings } from "../baselines/settings.ts";
import { textualInversion } from "../baselines/textual_inversion.ts";
import { localAssistant } from "../trained/local_assistant.ts";
import { loraConfigOf, policyOf, type Trainable } from "../method/policy.ts";
import type { Profile } from "../method/profile.ts";
import { loadRuntime, type Runtime } from "../method/runtime.ts";
import { disposeTree, type Tree } from "../tensor/tree.ts";
import { decodeTree, encodeTree } from "../tensor/tree_file.ts";
import { fingerprintOf } from "../core/fingerprint.ts";
import type { HasEvaluation, OpenAssistant } from "./session.ts";
import type { EvaluationSettings } from "./settings.ts";

/** What tables call them. */
export const BASELINE_TITLES: Readonly<Record<BaselineName, string>> = {
  textual_inversion: "Textual Inversion, our backbone",
  dreambooth: "DreamBooth, our backbone",
};

/** Where the weights of a baseline are kept, so that an evaluation that goes on need not train again. */
export interface BaselinePlace {
  readonly profile: Profile;
  /** Fingerprint of the backbone's weights. */
  readonly weights: string;
  /** Gives the file of a concept. */
  readonly fileOf: (concept: Concept) => string;
}

const train = (
  baseline: BaselineName,
  settings: EvaluationSettings["baseline"],
  { runtime, concept }: { readonly runtime: Runtime; readonly concept: Concept },
): Stage<HasEvaluation, Trainable> =>
  baseline === "dreambooth"
    ? dreambooth(settings, runtime, concept)
    : pipe(textualInversion(settings, runtime, concept), RTE.map((rows): Trainable => ({ rows })));

/** Weights that were kept, if they are of this training. */
function readKept(path: string, fingerprint: string): Stage<HasFiles, Trainable | null> {
  return ({ files }) =>
    pipe(
      files.exists(path),
      TE.flatMap((exists) =>
        exists
          ? pipe(
            files.readBytes(path),
            TE.flatMapEither((bytes) => decodeTree(bytes, path)),
            TE.map(({ tree, metadata }) => {
              if (metadata["fingerprint"] === fingerprint) return tree as Trainable;
              disposeTree(tree);
              return null;
            }),
          )
          : TE.right(null)
      ),
    );
}

const keep =
  (path: string, fingerprint: string) => (trained: Trainable): Stage<HasFiles, Trainable> => ({ files }) =>
    pipe(
      files.makeFolder(dirname(path)),
      TE.flatMap(() => files.writeAtomic(path, encodeTree(trained as Tree, { metadata: { fingerprint } }))),
      TE.mapLeft((error) => (disposeTree(trained as Tree), error)),
      TE.map(() => trained),
    );

/** DreamBooth's prompts name the class behind the word. */
const named = (baseline: BaselineName, assistant: Assistant, concept: Concept): Assistant =>
  baseline === "textual_inversion" ? assistant : {
    answer: assistant.answer,
    draw: (draws) =>
      assistant.draw(draws.map((draw) => ({ ...draw, prompt: withClass(draw.prompt, concept) }))),
  };

/**
 * Our backbone after a training that only knows pictures: the rows "Text inversion" and "DreamBooth".
 *
 * @param baseline Which.
 * @param place Weights of the backbone, and where trained ones are kept.
 * @returns Trains the baseline on a concept, or takes what an earlier evaluation kept; Left as the training fails.
 */
export function trainedBaseline(
  baseline: BaselineName,
  settings: EvaluationSettings["baseline"],
  { profile, weights, fileOf }: BaselinePlace,
): (concept: Concept) => Stage<HasEvaluation, OpenAssistant> {
  const whole = runSettings(baseline, settings);
  return (concept) => {
    const own = baselineNaming(profile, concept.token, settings.vectors);
    const path = fileOf(concept);
    const fingerprint = fingerprintOf([baseline, settings, profile, weights, concept.id]);
    const trained = (runtime: Runtime): Stage<HasEvaluation, Trainable> =>
      pipe(
        readKept(path, fingerprint),
        RTE.flatMap((kept) =>
          kept !== null ? RTE.right(kept) : pipe(
            train(baseline, settings, { runtime, concept }),
            RTE.flatMap(keep(path, fingerprint)),
          )
        ),
      );
    return pipe(
      loadRuntime(own.profile, own.naming, { lora: loraConfigOf(whole) }),
      RTE.flatMap((runtime) => (needs: HasEvaluation) => async () => {
        const outcome = await trained(runtime)(needs)();
        if (E.isLeft(outcome)) {
          runtime.dispose();
          return outcome;
        }
        const trainable = outcome.right;
        const policy = policyOf(runtime.base, trainable);
        const assistant = named(baseline, localAssistant(runtime, policy, whole), concept);
        const dispose = (): void => {
          disposeTree(trainable as Tree);
          runtime.dispose();
        };
        return E.right({ assistant, dispose });
      }),
    );
  };
}
