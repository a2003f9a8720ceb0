/**
 * The order of pretraining: what must be there before what.
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { HasClock, HasFiles, HasInterrupt, HasLog } from "../core/capability.ts";
import { scoped, type Stage } from "../core/stage.ts";
import type { AttributeReaderWeights } from "../experts/attribute_reader.ts";
import { type BackendOptions, openBackend } from "../tensor/backend.ts";
import { disposeTree } from "../tensor/tree.ts";
import type { Pretraining } from "./config.ts";
import { readerTraining, tokenizerTraining } from "./parts.ts";
import { train, type TrainingState } from "./trainer.ts";

type Needs = HasFiles & HasLog & HasClock & HasInterrupt;

/** What to pretrain. */
export interface PretrainRequest {
  readonly part: string;
  readonly config: Pretraining;
  readonly folder: string;
  readonly device: BackendOptions["device"];
}

const run = (training: Stage<Needs, TrainingState>): Stage<Needs, void> =>
  scoped(training, () => RTE.right<unknown, never, void>(undefined) as Stage<unknown, void>, disposeTree);

/**
 * Trains one part, or all of them in order; finished parts are loaded, not trained again.
 *
 * @param request What, with which settings, where.
 * @returns A stage that ends when the part is trained and saved.
 */
export function pretrain(request: PretrainRequest): Stage<Needs, void> {
  const { config, folder, part } = request;
  const context = { config, folder };
  const perception = train(readerTraining("perception", context));
  const parts: Readonly<Record<string, Stage<Needs, void>>> = {
    perception: run(perception),
    judge: run(train(readerTraining("judge", context))),
    tokenizer: scoped(
      perception,
      (state) => run(train(tokenizerTraining(context, state.parameters as AttributeReaderWeights))),
      disposeTree,
    ),
  };
  const chosen = part === "all" ? Object.keys(parts) : [part];
  return pipe(
    openBackend({ device: request.device }) as Stage<Needs, unknown>,
    RTE.flatMap(() =>
      chosen.reduce<Stage<Needs, void>>(
        (before, name) =>
          pipe(before, RTE.flatMap(() => parts[name] ?? unknownPart(name, Object.keys(parts)))),
        RTE.right(undefined),
      )
    ),
  );
}

const unknownPart = (name: string, names: readonly string[]): Stage<Needs, void> =>
  RTE.left({
    _tag: "InputInvalid",
    where: "pretrain",
    problem: `no part is called ${name}`,
    remedy: `choose all, ${names.join(", ")}`,
  });
