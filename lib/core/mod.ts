/**
 * Stages, errors, capabilities and randomness as values: what every step is made of.
 *
 * @module
 */
export { attempt, attemptAsync, type Checked, DONE, iterate, scoped, type Stage } from "./stage.ts";
export { describe, type ErrorTag, EXIT_CODES, type PipelineError } from "./error.ts";
export {
  type Clock,
  type Files,
  type HasClock,
  type HasFiles,
  type HasInterrupt,
  type HasLog,
  type HasOutput,
  type Interrupt,
  type Log,
} from "./capability.ts";
export {
  choose,
  fold,
  integer,
  type Key,
  keyFromSeed,
  normals,
  shuffle,
  split,
  threefry,
  uniforms,
} from "./key.ts";
