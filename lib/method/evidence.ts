/**
 * What is left behind when a run stops at a number that is none: a table that a person can read, and the tensors.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { join } from "node:path";
import type { HasFiles } from "../core/capability.ts";
import { describe, type PipelineError } from "../core/error.ts";
import type { Stage } from "../core/stage.ts";
import { stepName } from "../run/checkpoint_folder.ts";
import type { NamedArray } from "../tensor/containers/dtype.ts";
import { encodeSafetensors } from "../tensor/containers/safetensors.ts";
import type { tf } from "../tensor/tf.ts";
import { namedLeaves, type Tree } from "../tensor/tree.ts";

/** What a tensor holds, in numbers; `least` to `spread` are those of its finite elements, NaN if there are none. */
export interface TensorFacts {
  readonly name: string;
  readonly shape: readonly number[];
  readonly finite: number;
  readonly nan: number;
  readonly infinite: number;
  readonly least: number;
  readonly greatest: number;
  readonly mean: number;
  /** Standard deviation, divided by n. */
  readonly spread: number;
}

/** The tensors behind a failure. */
export interface Evidence {
  /** Facts of all of them. */
  readonly facts: readonly TensorFacts[];
  /** Their values, as far as {@link MAX_EVIDENCE_BYTES} goes; those with bad numbers first. */
  readonly arrays: ReadonlyMap<string, NamedArray>;
}

/** Bytes of tensors that are kept at most. */
export const MAX_EVIDENCE_BYTES: number = 256 * 2 ** 20;

/**
 * Sums up what a tensor holds.
 *
 * @param array Shape and values.
 *
 * @example
 * ```ts
 * import { tensorFacts } from "./evidence.ts";
 * import assert from "node:assert/strict";
 * const { nan, infinite, least, mean } = tensorFacts("x", { shape: [4], data: [1, NaN, -Infinity, 3] });
 * assert.deepEqual([nan, infinite, least, mean], [1, 1, 1, 2]);
 * ```
 */
export function tensorFacts(
  name: string,
  array: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
): TensorFacts {
  let [finite, nan, sum, squares, least, greatest] = [0, 0, 0, 0, Infinity, -Infinity];
  for (let index = 0; index < array.data.length; index++) {
    const value = array.data[index] as number;
    nan += Number.isNaN(value) ? 1 : 0;
    if (!Number.isFinite(value)) continue;
    finite++;
    sum += value;
    squares += value * value;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  const mean = finite === 0 ? NaN : sum / finite;
  return {
    ...{ name, shape: array.shape, finite, nan },
    infinite: array.data.length - finite - nan,
    least: finite === 0 ? NaN : least,
    greatest: finite === 0 ? NaN : greatest,
    mean,
    spread: Math.sqrt(Math.max(0, squares / finite - mean * mean)),
  };
}

const isBad = ({ nan, infinite }: TensorFacts): boolean => nan + infinite > 0;

/**
 * Finds the first tensor of a tree with a number that is not finite.
 *
 * @returns Its path, `rows.embed`; `undefined` if all are finite.
 */
export function firstBad(tree: Tree): string | undefined {
  const bad = (leaf: tf.Tensor): boolean => !leaf.dataSync().every((value) => Number.isFinite(value));
  return namedLeaves(tree).find(([, leaf]) => bad(leaf))?.[0];
}

/** Reads the tensors of a tree: facts of all, values up to the limit. */
function collect(tree: Tree): Evidence {
  const seen = namedLeaves(tree).map(([name, leaf]) => {
    const data = leaf.dataSync() as Float32Array | Int32Array;
    return { leaf, facts: tensorFacts(name, { shape: leaf.shape, data }) };
  });
  const arrays = new Map<string, NamedArray>();
  let bytes = 0;
  for (const { leaf, facts } of seen.toSorted((a, b) => Number(isBad(b.facts)) - Number(isBad(a.facts)))) {
    bytes += leaf.size * 4;
    if (bytes > MAX_EVIDENCE_BYTES) break;
    const dtype = leaf.dtype === "int32" ? "I32" : "F32";
    const data = leaf.dataSync().slice() as Float32Array | Int32Array;
    arrays.set(facts.name, { dtype, shape: leaf.shape, data });
  }
  return { facts: seen.map(({ facts }) => facts), arrays };
}

type Evident = PipelineError & { readonly evidence: Evidence };

/**
 * Attaches the tensors behind a failure to it.
 *
 * @param tensors By name; read now, and still the caller's.
 * @returns The failure; {@link keepEvidence} writes the tensors into a run folder.
 */
export function withEvidence(error: PipelineError, tensors: Tree): PipelineError {
  return { ...error, evidence: collect(tensors) } as Evident;
}

const hasEvidence = (error: PipelineError): error is Evident => "evidence" in error;

const shown = (value: number): string => Number.isNaN(value) ? "-" : value.toPrecision(4);

/**
 * Writes evidence as a table.
 *
 * @returns A line for the head and each tensor, those with bad numbers first; `*` marks values that were not kept.
 */
export function evidenceTable({ facts, arrays }: Evidence): string {
  const head = ["tensor", "shape", "finite", "NaN", "infinite", "min", "max", "mean", "std"];
  const rows = facts.toSorted((a, b) => Number(isBad(b)) - Number(isBad(a))).map((each) => [
    each.name + (arrays.has(each.name) ? "" : " *"),
    `[${each.shape.join(", ")}]`,
    ...[each.finite, each.nan, each.infinite].map(String),
    ...[each.least, each.greatest, each.mean, each.spread].map(shown),
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] as string).length))
  );
  const line = (row: readonly string[]): string =>
    row.map((cell, column) =>
      column < 2 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number)
    ).join("  ").trimEnd();
  return [head, ...rows].map((row) => `${line(row)}\n`).join("");
}

function write(folder: string, { evidence, ...error }: Evident): Stage<HasFiles, PipelineError> {
  const plain = error as PipelineError;
  const path = join(folder, plain._tag === "Diverged" ? stepName(plain.step) : "failure");
  const text = `${describe(plain)}\n\n${evidenceTable(evidence)}`;
  const see = `see ${path}.txt`;
  return ({ files }) =>
    pipe(
      files.makeFolder(folder),
      TE.flatMap(() => files.writeAtomic(`${path}.txt`, text)),
      TE.flatMap(() => files.writeAtomic(`${path}.safetensors`, encodeSafetensors(evidence.arrays))),
      TE.map(() => plain._tag === "Diverged" ? { ...plain, problem: `${plain.problem}; ${see}` } : plain),
    );
}

/**
 * Writes the tensors behind a failure before it is reported.
 *
 * @param folder Where `step-000012.txt`, the table, and `step-000012.safetensors` go; made if missing.
 * @param stage What may fail.
 * @returns The stage; its failure names the table.
 */
export function keepEvidence<R, A>(folder: string, stage: Stage<R, A>): Stage<R & HasFiles, A> {
  return pipe(
    stage,
    RTE.orElse((error): Stage<R & HasFiles, A> =>
      hasEvidence(error) ? pipe(write(folder, error), RTE.flatMapEither(E.left)) : RTE.left(error)
    ),
  );
}
