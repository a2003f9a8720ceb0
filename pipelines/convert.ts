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
import { convertWeights, sizeText, type TargetDtype } from "../lib/tensor/convert_weights.ts";
import { type HasBlobs, openWeights } from "../lib/tensor/weight_source.ts";

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

const convert = (from: string, to: string, dtype: TargetDtype): Stage<Live & HasBlobs, void> =>
  pipe(
    RTE.fromEither(checkTarget(from, to)),
    RTE.flatMap(() =>
      scoped(openWeights(from), (source) =>
        convertWeights(source, { path: to, dtype }), (source) =>
        source.close())
    ),
    RTE.flatMapReader(({ tensors, bytes }) => ({ output }: Live) =>
      output(`${to}: ${tensors} tensors, ${sizeText(bytes)}`)
    ),
  );

if (import.meta.main) {
  await runCommand(SPEC, ({ positionals, options }) =>
    pipe(
      convert(positionals["in"] as string, positionals["out"] as string, options.dtype),
      RTE.local((live: Live) => ({ ...live, blobs: liveBlobs })),
    ));
}
