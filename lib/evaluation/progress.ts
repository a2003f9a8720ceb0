/**
 * How far an evaluation is, and how long it will take.
 *
 * @module
 */
import type { HasClock, HasInterrupt, HasLog } from "../core/capability.ts";
import { iterate, type Stage } from "../core/stage.ts";
import { SAME_COMMAND } from "../core/error.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { durationText } from "../run/status.ts";

/** What steps of an evaluation need besides their own business. */
export type HasPace = HasLog & HasClock & HasInterrupt;

/**
 * Writes the line of a status.
 *
 * @param label What is being done.
 * @param options.done Items that are finished.
 * @param options.total All items, ≥ 1.
 * @param options.elapsedMs Time that the finished ones took.
 * @returns `eval answers 12/60 20 %   1 min 4 s left`; without a time before the first is finished.
 *
 * @example
 * ```ts
 * import { progressText } from "./progress.ts";
 * import assert from "node:assert/strict";
 * assert.equal(progressText("answers", { done: 10, total: 40, elapsedMs: 5000 }), "eval answers 10/40 25 %   15 s left");
 * ```
 */
export function progressText(
  label: string,
  options: { readonly done: number; readonly total: number; readonly elapsedMs: number },
): string {
  const { done, total, elapsedMs } = options;
  const left = done === 0 ? "" : `   ${durationText((elapsedMs / done) * (total - done) / 1000)} left`;
  return `eval ${label} ${done}/${total} ${Math.round((done / total) * 100)} %${left}`;
}

/** How a list is worked off. */
export interface BatchOptions<A, R> {
  /** For the status. */
  readonly label: string;
  /** Items of a batch at most. */
  readonly size: number;
  readonly step: (batch: readonly A[]) => Stage<R, void>;
}

/**
 * Works a list off in batches, with a status and an ear for Ctrl-C.
 *
 * @param items The list; nothing is printed for none.
 * @param options Size and step.
 * @returns A stage; Left `Interrupted` between two batches if a person asked for it, or what the step failed with.
 */
export function inTurn<A, R>(items: readonly A[], options: BatchOptions<A, R>): Stage<R & HasPace, void> {
  const { label, size, step } = options;
  const started: Stage<HasPace, number> = ({ clock }) => () => Promise.resolve(E.right(clock.now()));
  const status = (done: number, since: number): Stage<HasPace, void> => ({ clock, log }) => () => {
    log.progress(progressText(label, { done, total: items.length, elapsedMs: clock.now() - since }));
    return Promise.resolve(E.right(undefined));
  };
  const stopIfAsked = (done: number): Stage<HasPace, void> => ({ interrupt }) => () =>
    Promise.resolve(
      interrupt.requested()
        ? E.left({ _tag: "Interrupted", step: done, unit: "item", next: SAME_COMMAND })
        : E.right(undefined),
    );
  return pipe(
    started,
    RTE.flatMap((since) =>
      iterate<R & HasPace, number>(
        (done) => done >= items.length,
        (done) =>
          pipe(
            stopIfAsked(done),
            RTE.flatMap(() => status(done, since)),
            RTE.flatMap(() => step(items.slice(done, done + size))),
            RTE.map(() => Math.min(items.length, done + size)),
          ),
      )(0)
    ),
    RTE.map(() => undefined),
  );
}
