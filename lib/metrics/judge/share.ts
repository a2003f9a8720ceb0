/**
 * The same question asked twice at the same time is sent once.
 *
 * @module
 */
import type { Either } from "fp-ts/lib/Either.js";
import type { PipelineError } from "../../core/error.ts";
import type { Stage } from "../../core/stage.ts";

/**
 * Makes a register of stages that are under way.
 *
 * @returns A function that names a stage: while one of that name runs, others of the name wait for its outcome instead of
 * running. Stages of one name must do the same.
 */
export function shareUnderWay(): <R, A>(name: string, stage: Stage<R, A>) => Stage<R, A> {
  const running = new Map<string, Promise<unknown>>();
  return <R, A>(name: string, stage: Stage<R, A>): Stage<R, A> => (needs) => () => {
    const known = running.get(name) as Promise<Either<PipelineError, A>> | undefined;
    if (known !== undefined) return known;
    const started = stage(needs)().finally(() => running.delete(name));
    running.set(name, started);
    return started;
  };
}
