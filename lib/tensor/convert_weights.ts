/**
 * Any supported weights → one safetensors file, tensor by tensor.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { breathe } from "../core/breathe.ts";
import type { HasInterrupt, HasLog } from "../core/capability.ts";
import { BEGIN_ANEW, type PipelineError } from "../core/error.ts";
import { attempt, type Checked, iterate, type Stage } from "../core/stage.ts";
import { type RawTensor, sizeText, type TensorInfo, toBytes, toFloat32 } from "./containers/dtype.ts";
import { layoutSafetensors, type SafetensorsLayout } from "./containers/safetensors.ts";
import type { BlobWriter, HasBlobs, WeightSource } from "./weight_source.ts";

/** How floats are written; integers stay what they are. */
export type TargetDtype = "keep" | "f32" | "f16";

/** What to write, and where. */
export interface ConvertOptions {
  /** The file to write. */
  readonly path: string;
  readonly dtype: TargetDtype;
}

/** What was written. */
export interface Converted {
  readonly tensors: number;
  /** Bytes of the file. */
  readonly bytes: number;
}

const FLOATS = new Set(["F64", "F32", "F16", "BF16"]);

/** Readers such as transformers want to know which framework's layout it is. */
const METADATA = { format: "pt" };

const infoAs = (info: TensorInfo, dtype: TargetDtype): TensorInfo => ({
  shape: info.shape,
  dtype: dtype === "keep" || !FLOATS.has(info.dtype) ? info.dtype : dtype === "f32" ? "F32" : "F16",
});

/**
 * Converts a tensor.
 *
 * @param raw The stored tensor.
 * @param dtype How floats are written.
 * @returns The tensor to write. Left `TensorFailure` if a finite number is beyond the range of f16.
 */
export function convertTensor(raw: RawTensor, dtype: TargetDtype): Checked<RawTensor> {
  const target = infoAs(raw, dtype);
  if (target.dtype === raw.dtype) return E.right(raw);
  const values = toFloat32(raw);
  if (target.dtype === "F32") return E.right({ ...target, bytes: toBytes({ ...target, data: values }) });
  const data = new Float16Array(values);
  if (!allFit(data, values)) {
    return E.left({
      _tag: "TensorFailure",
      operation: "convert",
      problem: "a number is beyond the range of f16",
    });
  }
  return E.right({ ...target, bytes: toBytes({ ...target, data }) });
}

function allFit(halves: Float16Array, values: Float32Array): boolean {
  for (let index = 0; index < values.length; index++) {
    if (Math.abs(halves[index] as number) === Infinity && Math.abs(values[index] as number) !== Infinity) {
      return false;
    }
  }
  return true;
}

/**
 * Writes weights to a safetensors file with one tensor in memory at a time; the file appears only when it is complete.
 *
 * @param source Open weights.
 * @param options Where to, and in which type.
 * @returns What was written. Left `InputInvalid` naming a tensor that doesn't fit in f16, or the failure of a file.
 */
export function convertWeights(
  source: WeightSource,
  options: ConvertOptions,
): Stage<HasBlobs & HasLog & HasInterrupt, Converted> {
  return pipe(
    RTE.Do,
    RTE.bindW("layout", () => RTE.fromEither(layoutOf(source, options))),
    RTE.bindW("writer", () => ({ blobs }: HasBlobs) => blobs.create(options.path)),
    RTE.flatMap(({ layout, writer }) =>
      pipe(
        writeTensors(source, layout, writer, options),
        RTE.flatMapEither(() => writer.commit()),
        RTE.mapLeft((error) => {
          writer.abandon();
          return error;
        }),
        RTE.map(() => ({ tensors: layout.order.length, bytes: layout.size })),
      )
    ),
  );
}

const layoutOf = (source: WeightSource, { path, dtype }: ConvertOptions): Checked<SafetensorsLayout> =>
  attempt((problem) => ({ _tag: "FileFailure", path, problem }), () =>
    layoutSafetensors(
      new Map(source.names.map((name) => [name, infoAs(source.info(name) as TensorInfo, dtype)] as const)),
      METADATA,
    ));

/** How far the file is written. */
interface Progress {
  readonly next: number;
  readonly bytes: number;
}

function writeTensors(
  source: WeightSource,
  layout: SafetensorsLayout,
  writer: BlobWriter,
  options: ConvertOptions,
): Stage<HasLog & HasInterrupt, Progress> {
  const write = ({ next, bytes }: Progress): Checked<Progress> => {
    const name = layout.order[next] as string;
    return pipe(
      source.readRaw(name),
      E.flatMap((raw) => convertTensor(raw, options.dtype)),
      E.mapLeft((error) => error._tag === "TensorFailure" ? tooLarge(source.path, name) : error),
      E.tap((tensor) => writer.append(tensor.bytes)),
      E.map((tensor) => ({ next: next + 1, bytes: bytes + tensor.bytes.byteLength })),
    );
  };
  return pipe(
    RTE.fromEither(writer.append(layout.head)),
    RTE.flatMap(() =>
      iterate<HasLog & HasInterrupt, Progress>(
        ({ next }) => next === layout.order.length,
        (before) => ({ log, interrupt }) => async () => {
          await breathe();
          if (interrupt.requested()) return E.left(interrupted(before.next));
          const after = write(before);
          if (E.isRight(after)) report(log.progress, before, after.right, layout.size);
          return after;
        },
      )({ next: 0, bytes: layout.head.byteLength })
    ),
  );
}

/** One line for every twentieth of the file. */
function report(progress: (status: string) => void, before: Progress, after: Progress, size: number): void {
  const part = (bytes: number): number => Math.floor((20 * bytes) / size);
  if (part(before.bytes) === part(after.bytes)) return;
  progress(`${Math.floor((100 * after.bytes) / size)} %, ${after.next} tensors, ${sizeText(after.bytes)}`);
}

const tooLarge = (path: string, name: string): PipelineError => ({
  _tag: "InputInvalid",
  where: path,
  problem: `${name} has numbers beyond the range of f16`,
  remedy: "convert with --dtype f32 or keep",
});

const interrupted = (step: number): PipelineError => ({
  ...{ _tag: "Interrupted", step, unit: "tensor" },
  next: BEGIN_ANEW,
});
