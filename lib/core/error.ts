/**
 * Everything that can go wrong, as data.
 *
 * A stage never throws: it returns a {@link PipelineError} on the left. One function turns an error into the line a
 * person reads, another into the exit code of the process.
 *
 * @module
 */

/** A failure of a stage: plain data, one tag per remedy. */
export type PipelineError =
  | { readonly _tag: "ConfigInvalid"; readonly where: string; readonly problems: readonly string[] }
  | {
    readonly _tag: "InputInvalid";
    readonly where: string;
    readonly problem: string;
    readonly remedy: string;
  }
  | { readonly _tag: "FileMissing"; readonly path: string; readonly remedy: string }
  | { readonly _tag: "FileFailure"; readonly path: string; readonly problem: string }
  | {
    readonly _tag: "ShapeMismatch";
    readonly what: string;
    readonly expected: readonly number[] | string;
    readonly found: readonly number[] | string;
  }
  | { readonly _tag: "TensorFailure"; readonly operation: string; readonly problem: string }
  | {
    readonly _tag: "BackendUnavailable";
    readonly backend: string;
    readonly problem: string;
    readonly remedy: string;
  }
  | { readonly _tag: "RewardFailed"; readonly expert: string; readonly problem: string }
  | { readonly _tag: "CheckpointCorrupt"; readonly path: string; readonly problem: string }
  | { readonly _tag: "Diverged"; readonly step: number; readonly tensor: string; readonly problem: string }
  | { readonly _tag: "SetupFailed"; readonly step: string; readonly problem: string; readonly remedy: string }
  | { readonly _tag: "JudgeFailed"; readonly judge: string; readonly problem: string }
  | {
    readonly _tag: "Interrupted";
    readonly step: number;
    /** What is counted; default `step`. */
    readonly unit?: "step" | "item" | "picture" | "tensor";
    /** How to go on, if not with `--resume`: `the same command goes on`. */
    readonly next?: string;
  };

/** The tag of a {@link PipelineError}. */
export type ErrorTag = PipelineError["_tag"];

/** Exit code per error tag; 0 is success and 1 is left to failed checks (parity, bench guard). */
export const EXIT_CODES: Readonly<Record<ErrorTag, number>> = {
  ConfigInvalid: 2,
  InputInvalid: 3,
  FileMissing: 4,
  FileFailure: 5,
  ShapeMismatch: 6,
  TensorFailure: 7,
  BackendUnavailable: 8,
  RewardFailed: 9,
  CheckpointCorrupt: 10,
  Diverged: 11,
  SetupFailed: 12,
  JudgeFailed: 13,
  Interrupted: 130,
};

/** How to go on where everything finished is kept and found again. */
export const SAME_COMMAND = "what is finished is kept; the same command goes on";

/** How to go on where nothing of the work is kept. */
export const BEGIN_ANEW = "nothing of it is kept; the same command begins anew";

const shapeText = (shape: readonly number[] | string): string =>
  typeof shape === "string" ? shape : `[${shape.join(", ")}]`;

/**
 * Describes an error in one line: what, where, remedy.
 *
 * @returns Text without stack trace or trailing newline; several config problems are joined by "; ".
 *
 * @example
 * ```ts
 * import { describe } from "./error.ts";
 * import assert from "node:assert/strict";
 * const line = describe({ _tag: "FileMissing", path: "a.yaml", remedy: "create it" });
 * assert.equal(line, "a.yaml: file not found; create it");
 * ```
 */
export function describe(error: PipelineError): string {
  switch (error._tag) {
    case "ConfigInvalid":
      return `${error.where}: ${error.problems.join("; ")}`;
    case "InputInvalid":
      return `${error.where}: ${error.problem}; ${error.remedy}`;
    case "FileMissing":
      return `${error.path}: file not found; ${error.remedy}`;
    case "FileFailure":
      return `${error.path}: ${error.problem}`;
    case "ShapeMismatch":
      return `${error.what}: expected shape ${shapeText(error.expected)}, found ${shapeText(error.found)}`;
    case "TensorFailure":
      return `${error.operation}: ${error.problem}`;
    case "BackendUnavailable":
      return `backend ${error.backend} is not available: ${error.problem}; ${error.remedy}`;
    case "RewardFailed":
      return `reward expert ${error.expert}: ${error.problem}`;
    case "CheckpointCorrupt":
      return `${error.path}: ${error.problem}`;
    case "Diverged":
      return `step ${error.step}: ${error.tensor} ${error.problem}`;
    case "SetupFailed":
      return `setup, ${error.step}: ${error.problem}; ${error.remedy}`;
    case "JudgeFailed":
      return `judge ${error.judge}: ${error.problem}`;
    case "Interrupted":
      return `interrupted after ${error.unit ?? "step"} ${error.step}; ${
        error.next ?? "continue with --resume"
      }`;
  }
}

/**
 * Reads the message of anything that was thrown.
 *
 * @param thrown The value in a `catch` clause.
 * @returns Its first line.
 */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.split("\n", 1)[0] ?? "";
}
