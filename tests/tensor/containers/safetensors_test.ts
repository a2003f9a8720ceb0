import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import fc from "fast-check";
import { describe as describeError } from "../../../lib/core/error.ts";
import type { NamedArray } from "../../../lib/tensor/containers/dtype.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  headerLength,
  layoutSafetensors,
} from "../../../lib/tensor/containers/safetensors.ts";

const FOLDER = new URL("../../fixtures/loader/", import.meta.url);
const cases: {
  readonly safetensors: readonly { readonly file: string; readonly expect: string; readonly why: string }[];
} = JSON.parse(Deno.readTextFileSync(new URL("cases.json", FOLDER)));

/** The part of each message that tells the reason. */
const REASONS: Readonly<Record<string, RegExp>> = {
  "truncated.safetensors": /describes 176 bytes, the file has 167/,
  "truncated_header.safetensors": /ends inside its header/,
  "header_huge.safetensors": /claims 4611686018427387909 bytes, more than 100 MB/,
  "header_100mb.safetensors": /more than 100 MB/,
  "overlap.safetensors": /b: overlaps/,
  "shape_mismatch.safetensors": /a: F32 \[.*\] needs 60 bytes, its offsets span 48/,
  "negative_span.safetensors": /span -/,
  "unknown_dtype.safetensors": /unknown dtype/,
  "not_json.safetensors": /not JSON/,
};

/** A file with this header text and as many data bytes. */
const withHeader = (header: string, dataBytes: number): Uint8Array => {
  const json = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
};

const problemOf = (bytes: Uint8Array): string => {
  const result = decodeSafetensors(bytes, "x");
  assert(E.isLeft(result), "was accepted");
  assert.equal(result.left._tag, "CheckpointCorrupt");
  return describeError(result.left);
};

describe("decodeSafetensors()", () => {
  for (const { file, expect, why } of cases.safetensors) {
    it(`${expect}s ${file}: ${why}`, () => {
      const bytes = Deno.readFileSync(new URL(file, FOLDER));
      if (expect === "reject") return assert.match(problemOf(bytes), REASONS[file] as RegExp);
      const content = decodeSafetensors(bytes, file);
      assert(E.isRight(content));
      assert.deepEqual(content.right.metadata, { format: "pt" });
      const expected: readonly (readonly [string, NamedArray])[] = [
        ["a", { dtype: "F32", shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, index) => index) }],
        ["b", { dtype: "F32", shape: [2], data: Float32Array.of(5, 6) }],
      ];
      assert.deepEqual([...content.right.tensors], expected);
    });
  }

  it("refuses gaps, fractions, wrong metadata and headers that are no object", () => {
    const entry = (offsets: string, shape = "[1]") =>
      `{"a":{"dtype":"F32","shape":${shape},"data_offsets":${offsets}}}`;
    assert.match(problemOf(withHeader(entry("[4,8]"), 8)), /4 bytes before it belong to no tensor/);
    assert.match(problemOf(withHeader(entry("[0,4]"), 8)), /describes/);
    assert.match(problemOf(withHeader(entry("[0,4]", "[0.5]"), 4)), /whole numbers/);
    assert.match(problemOf(withHeader(entry("[0,4]", "[-1]"), 4)), /whole numbers/);
    assert.match(problemOf(withHeader(entry("[0,4]", "[9007199254740991,9007199254740991]"), 4)), /needs/);
    assert.match(problemOf(withHeader(`{"__metadata__":{"n":1}}`, 0)), /__metadata__/);
    assert.match(problemOf(withHeader(`[]`, 0)), /JSON object/);
    assert.match(problemOf(new Uint8Array(3)), /shorter than the 8 bytes/);
  });

  it("reads tensors that are not aligned in the file", () => {
    const header =
      `{"u":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"f":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}`;
    const file = withHeader(header, 5);
    file.set([0, 0, 0xc0, 0xbf], file.length - 4);
    const content = decodeSafetensors(file, "x");
    assert(E.isRight(content));
    assert.deepEqual(content.right.tensors.get("f")?.data, Float32Array.of(-1.5));
  });
});

describe("headerLength()", () => {
  it("trusts the file size, not the claim", () => {
    const prefix = Uint8Array.of(100, 0, 0, 0, 0, 0, 0, 0);
    assert.deepEqual(headerLength(prefix, { path: "x", size: 108 }), E.right(100));
    assert(E.isLeft(headerLength(prefix, { path: "x", size: 107 })));
  });
});

describe("encodeSafetensors()", () => {
  const floats = fc.array(fc.float({ noNaN: true }), { maxLength: 8 }).map((values): NamedArray => ({
    dtype: "F32",
    shape: [values.length],
    data: Float32Array.from(values),
  }));
  const bytes = fc.uint8Array({ maxLength: 8 }).map((data): NamedArray => ({
    dtype: "U8",
    shape: [data.length, 1],
    data: Uint8Array.from(data),
  }));
  const longs = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): NamedArray => ({
    dtype: "I64",
    shape: [],
    data: BigInt64Array.of(value),
  }));
  const name = fc.string({ unit: "binary" }).filter((text) => text !== "__metadata__");
  const tensorMap = fc.array(fc.tuple(name, fc.oneof(floats, bytes, longs)), { maxLength: 6 })
    .map((entries) => new Map(entries));

  it("round-trips any names and numbers", () => {
    fc.assert(fc.property(tensorMap, fc.dictionary(fc.string(), fc.string()), (tensors, metadata) => {
      const content = decodeSafetensors(encodeSafetensors(tensors, metadata), "x");
      assert(E.isRight(content), "was refused");
      assert.deepEqual(new Map(content.right.tensors), tensors);
      assert.deepEqual({ ...content.right.metadata }, { ...metadata });
    }));
  });

  it("gives equal bytes for equal content in another order", () => {
    fc.assert(fc.property(tensorMap, (tensors) => {
      assert.deepEqual(encodeSafetensors(new Map([...tensors].reverse())), encodeSafetensors(tensors));
    }));
  });

  it("aligns every tensor and the data", () => {
    const { head, order } = layoutSafetensors(
      new Map([
        ["bytes", { dtype: "U8", shape: [3] }],
        ["long", { dtype: "I64", shape: [1] }],
        ["half", { dtype: "BF16", shape: [1] }],
      ]),
    );
    assert.equal(head.byteLength % 8, 0);
    assert.deepEqual(order, ["long", "half", "bytes"]);
  });

  it("refuses the reserved name", () => {
    const array: NamedArray = { dtype: "U8", shape: [1], data: Uint8Array.of(1) };
    assert.throws(() => encodeSafetensors(new Map([["__metadata__", array]])), /__metadata__/);
  });
});
