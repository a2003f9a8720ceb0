/**
 * `deno task convert`: weights in any supported container → one safetensors file, f16 if wanted.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { field } from "../lib/config/field.ts";
import { type Checked, scoped, type Stage } from "../lib/core/stage.ts";
import { liveBlobs } from "../lib/run/blobs.ts";
import { runCommand } from "../lib/run/command.ts";
import type { Live } from "../lib/run/live.ts";
import { sizeText } from "../lib/tensor/containers/dtype.ts";
import { convertWeights, type TargetDtype } from "../lib/tensor/convert_weights.ts";
import { type HasBlobs, openWeights, type WeightSource } from "../lib/tensor/weight_source.ts";

interface Options {
  readonly dtype: TargetDtype;
  readonly part: string;
}

const SPEC = {
  name: "convert",
  finishes: true,
  summary: "write weights as one safetensors file, tensor by tensor",
  positionals: [
    {
      name: "in",
      place: "read" as const,
      doc: "A .safetensors, .index.json, .bin, .pt, .pth or .ckpt file, or a folder with one.",
    },
    { name: "out", place: "file" as const, doc: "The .safetensors file to write." },
  ],
  options: {
    dtype: field.choice(["keep", "f32", "f16"], {
      default: "keep",
      doc: "How floating-point numbers are written: keep, f32 or f16.",
    }),
    part: field.text({
      default: "",
      doc: "Which model to take of a checkpoint that holds several; . takes all of them, optimizers never.",
    }),
  },
};

function checkTarget(from: string, to: string): Checked<void> {
  const refuse = (problem: string, remedy: string): Checked<void> =>
    E.left({ _tag: "InputInvalid", where: to, problem, remedy });
  if (!to.endsWith(".safetensors")) {
    return refuse("the file to write is no .safetensors", "give it that extension");
  }
  return from === to ? refuse("it would overwrite what it reads", "name another file") : E.right(undefined);
}

/** What is said of a file that holds more than the weights. */
const takenText = (taken: WeightSource["taken"]): string =>
  taken === undefined || taken.leftOut.length === 0
    ? ""
    : `, from ${taken.name === "" ? "the top" : taken.name}; left out: ${taken.leftOut.join(", ")}`;

const convert = (from: string, to: string, options: Options): Stage<Live & HasBlobs, void> =>
  pipe(
    RTE.fromEither(checkTarget(from, to)),
    RTE.flatMap(() =>
      scoped(openWeights(from, options.part === "" ? {} : { part: options.part }), (source) =>
        pipe(
          convertWeights(source, { path: to, dtype: options.dtype }),
          RTE.map((written) => ({ ...written, taken: takenText(source.taken) })),
        ), (source) => source.close())
    ),
    RTE.flatMapReader(({ tensors, bytes, taken }) => ({ output }: Live) =>
      output(`${to}: ${tensors} ${tensors === 1 ? "tensor" : "tensors"}, ${sizeText(bytes)}${taken}`)
    ),
  );

if (import.meta.main) {
  await runCommand(SPEC, ({ positionals, options }) =>
    pipe(
      convert(positionals["in"] as string, positionals["out"] as string, options),
      RTE.local((live: Live) => ({ ...live, blobs: liveBlobs })),
    ));
}
