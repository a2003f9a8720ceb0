/**
 * Reading a folder of reference cases: `cases.json`, arrays beside it, pictures.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type * as t from "io-ts";
import { decodeImage } from "../../lib/image/image_file.ts";
import type { HasFiles } from "../../lib/core/capability.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { attempt, type Checked, type Stage } from "../../lib/core/stage.ts";
import type { NamedArray } from "../../lib/tensor/containers/dtype.ts";
import { decodeSafetensors } from "../../lib/tensor/containers/safetensors.ts";
import { tf } from "../../lib/tensor/tf.ts";

/** Arrays of a fixture by name. */
export interface Arrays {
  readonly has: (name: string) => boolean;
  /** Numbers of an array; throws if there is none. */
  readonly numbers: (name: string) => ArrayLike<number>;
  /** An array as a tensor, integers as int32; throws if there is none. */
  readonly tensor: (name: string) => tf.Tensor;
  readonly shape: (name: string) => readonly number[];
}

const corrupt = (path: string, problem: string) => ({ _tag: "CheckpointCorrupt" as const, path, problem });

/**
 * Reads a JSON file of cases.
 *
 * @param codec What it holds.
 * @returns The cases. Left `CheckpointCorrupt` with the first key that is missing or of another type.
 */
export function readCases<A>(path: string, codec: t.Decoder<unknown, A>): Stage<HasFiles, A> {
  const decode = (value: unknown): Checked<A> =>
    pipe(
      codec.decode(value),
      E.mapLeft(([first]) => {
        const keys = first?.context.map(({ key }) => key).filter((key) => key !== "").join(".");
        return corrupt(path, `${keys} is missing or of another type`);
      }),
    );
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.readText(path)),
    RTE.flatMapEither((text) =>
      attempt((problem) => corrupt(path, problem), () => JSON.parse(text) as unknown)
    ),
    RTE.flatMapEither(decode),
  );
}

const lookup = (path: string, tensors: ReadonlyMap<string, NamedArray>): Arrays => {
  const find = (name: string): NamedArray => {
    const array = tensors.get(name);
    if (array === undefined) throw new Error(`${path} has no array ${name}`);
    return array;
  };
  return {
    has: (name) => tensors.has(name),
    numbers: (name) => find(name).data as Float32Array,
    shape: (name) => find(name).shape,
    tensor: (name) => {
      const { data, shape, dtype } = find(name);
      const numbers = data as Float32Array;
      return dtype === "F32"
        ? tf.tensor(numbers, [...shape], "float32")
        : tf.tensor(Int32Array.from(numbers), [...shape], "int32");
    },
  };
};

/**
 * Reads the arrays of a fixture.
 *
 * @param path A safetensors file.
 */
export function readArrays(path: string): Stage<HasFiles, Arrays> {
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.readBytes(path)),
    RTE.flatMapEither((bytes) => decodeSafetensors(bytes, path)),
    RTE.map(({ tensors }) => lookup(path, tensors)),
  );
}

/** Reads a picture. */
export function readPicture(path: string): Stage<HasFiles, RgbImage> {
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.readBytes(path)),
    RTE.flatMapEither((bytes) => decodeImage(bytes, path)),
    RTE.map(({ image }) => image),
  );
}

/**
 * Asks whether a file exists.
 *
 * @returns Yes or no.
 */
export function fileExists(path: string): Stage<HasFiles, boolean> {
  return pipe(
    RTE.asks(({ files }: HasFiles) => files),
    RTE.flatMapTaskEither((files) => files.exists(path)),
  );
}
