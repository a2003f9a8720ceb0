import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { toBytes } from "../../lib/tensor/containers/dtype.ts";
import { decodeSafetensors } from "../../lib/tensor/containers/safetensors.ts";
import { convertTensor, convertWeights, type TargetDtype } from "../../lib/tensor/convert_weights.ts";
import { openWeights } from "../../lib/tensor/weight_source.ts";
import { problem, right } from "../run/outcome.ts";
import { memoryDisk, safetensors } from "./sources.ts";

const BIN = Deno.readFileSync(new URL("../fixtures/torch/views.pt", import.meta.url));

async function convert(
  dtype: TargetDtype,
  options: { readonly stop?: boolean; readonly name?: string } = {},
) {
  const large = safetensors({ w: { dtype: "F32", shape: [1], data: Float32Array.of(1e5) } });
  const disk = memoryDisk({ "in.bin": BIN, "large.safetensors": large });
  const lines: string[] = [];
  const note = (line: string): void => void lines.push(line);
  const capabilities = {
    ...disk,
    log: { info: note, warn: note, progress: note },
    interrupt: { requested: () => options.stop ?? false },
  };
  const source = right(await openWeights(options.name ?? "in.bin")(capabilities)());
  const outcome = await convertWeights(source, { path: "out.safetensors", dtype })(capabilities)();
  return { disk, lines, source, outcome };
}

describe("convertWeights()", () => {
  it("keeps every dtype, shape and number", async () => {
    const { disk, source, outcome, lines } = await convert("keep");
    const file = disk.content.get("out.safetensors") as Uint8Array;
    assert.deepEqual(right(outcome), { tensors: 13, bytes: file.length });
    const { tensors, metadata } = right(decodeSafetensors(file, "out"));
    assert.deepEqual(metadata, { format: "pt" });
    assert.deepEqual([...tensors.keys()].sort(), [...source.names].sort());
    for (const [name, array] of tensors) {
      assert.deepEqual(
        { dtype: array.dtype, shape: array.shape, bytes: toBytes(array) },
        right(source.readRaw(name)),
        name,
      );
    }
    assert.match(lines.at(-1) as string, /^100 %, 13 tensors/);
  });

  it("converts floats only", async () => {
    for (const dtype of ["f16", "f32"] as const) {
      const { disk, source } = await convert(dtype);
      const { tensors } = right(decodeSafetensors(disk.content.get("out.safetensors") as Uint8Array, "out"));
      const found = ["f64", "bf16", "transposed", "i8", "scalar", "bool"].map((name) =>
        tensors.get(name)?.dtype
      );
      const float = dtype.toUpperCase();
      assert.deepEqual(found, [float, float, float, "I8", "I64", "BOOL"]);
      const expected = right(source.readFloat32("transposed")).data;
      assert.deepEqual(Float32Array.from(tensors.get("transposed")?.data as Float32Array), expected);
    }
  });

  it("names the tensor that half precision cannot hold, and writes nothing", async () => {
    const { disk, outcome } = await convert("f16", { name: "large.safetensors" });
    assert.match(
      problem(outcome),
      /^large\.safetensors: w has numbers beyond the range of f16; convert with/,
    );
    assert(!disk.content.has("out.safetensors"));
  });

  it("writes nothing when it is interrupted", async () => {
    const { disk, outcome } = await convert("keep", { stop: true });
    assert.match(
      problem(outcome),
      /^interrupted after tensor 0; nothing of it is kept; the same command begins anew/,
    );
    assert(!disk.content.has("out.safetensors"));
  });
});

describe("convertTensor()", () => {
  const raw = (...values: readonly number[]) => ({
    dtype: "F32" as const,
    shape: [values.length],
    bytes: toBytes({ dtype: "F32", shape: [values.length], data: Float32Array.from(values) }),
  });

  it("refuses numbers beyond f16, but not infinities and NaN", () => {
    assert(E.isLeft(convertTensor(raw(1, 65520), "f16")));
    assert(E.isRight(convertTensor(raw(65504, Infinity, NaN, 1e-9), "f16")));
  });
});
