import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import fc from "fast-check";
import { describe as describeError } from "../../../lib/core/error.ts";
import { toFloat32 } from "../../../lib/tensor/containers/dtype.ts";
import { fromBytes } from "../../../lib/tensor/containers/random_access.ts";
import { openTorch, type TorchTable } from "../../../lib/tensor/containers/torch_pickle.ts";
import { bytes, checkpoint, dict, global, tensor, tuple, unicode, zip } from "./archive.ts";

const FIXTURES = new URL("../../fixtures/", import.meta.url);
const json = (path: string) => JSON.parse(Deno.readTextFileSync(new URL(path, FIXTURES)));
const open = (path: string) => openTorch(fromBytes(Deno.readFileSync(new URL(path, FIXTURES))), path);

const opened = (path: string): TorchTable => {
  const table = open(path);
  assert(E.isRight(table), E.isLeft(table) ? describeError(table.left) : "");
  return table.right;
};

const bytesOf = (table: TorchTable, name: string): Uint8Array => {
  const raw = table.read(name);
  assert(E.isRight(raw));
  return raw.right.bytes;
};

interface Listing {
  readonly dtype?: string;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly storage_offset: number;
  readonly sha256_row_major_le: string;
  readonly first?: readonly number[];
}

function checkListing(table: TorchTable, listing: Readonly<Record<string, Listing>>): void {
  assert.deepEqual([...table.infos.keys()].sort(), Object.keys(listing).sort());
  for (const [name, expected] of Object.entries(listing)) {
    const info = table.infos.get(name);
    assert.deepEqual(info?.shape, expected.shape, name);
    assert.deepEqual(info?.strides, expected.stride, name);
    assert.equal(info?.offset, expected.storage_offset, name);
    assert.equal(info?.dtype, expected.dtype ?? "F32", name);
    const digest = createHash("sha256").update(bytesOf(table, name)).digest("hex");
    assert.equal(digest, expected.sha256_row_major_le, name);
  }
}

const REASONS: Readonly<Record<string, RegExp>> = {
  "hostile_system.bin": /names posix\.system, which is not allowed/,
  "hostile_raw.pt": /neither a PyTorch zip archive nor a legacy/,
  "hostile_eval.bin": /names (builtins|__builtin__)\.eval/,
  "oob_stride.bin": /strides \[2\] needs 7 elements, storage 0 has 4/,
  "short_storage.bin": /storage 0 claims 800 bytes, its entry has 16/,
  "truncated_zip.bin": /no central directory/,
};

describe("openTorch()", () => {
  for (const { file, expect, why } of json("loader/cases.json").pickle) {
    it(`${expect}s ${file}: ${why}`, () => {
      const table = open(`loader/${file}`);
      if (expect === "reject") {
        assert(E.isLeft(table), "was accepted");
        assert.match(describeError(table.left), REASONS[file] as RegExp);
      } else {
        assert(E.isRight(table));
        const raw = table.right.read("w");
        assert(E.isRight(raw));
        assert.deepEqual(toFloat32(raw.right), Float32Array.of(0, 1, 2, 3));
      }
    });
  }

  for (const [file, listing] of Object.entries(json("ernie-bin/cases.json").files)) {
    it(`reads ${file}: dtypes, strides, offsets and bytes as listed`, () => {
      checkListing(opened(`ernie-bin/${file}`), listing as Record<string, Listing>);
    });
  }
});

const problemOf = (file: Uint8Array): string => {
  const table = openTorch(fromBytes(file), "x.bin");
  assert(E.isLeft(table), "was accepted");
  assert.equal(table.left._tag, "CheckpointCorrupt");
  return describeError(table.left);
};

const floatsOf = (table: TorchTable, name: string): readonly number[] => {
  const raw = table.read(name);
  assert(E.isRight(raw));
  return [...toFloat32(raw.right)];
};

/** What `tests/fixtures/torch/views.pt` holds. */
const VIEWS: Readonly<Record<string, readonly [string, readonly number[], readonly number[]]>> = {
  f64: ["F64", [2], [1.5, -2.5]],
  bf16: ["BF16", [2], [1, -3]],
  i32: ["I32", [1, 2], [7, -8]],
  i16: ["I16", [2], [300, -300]],
  i8: ["I8", [2], [-5, 5]],
  u8: ["U8", [2], [200, 1]],
  bool: ["BOOL", [2], [1, 0]],
  scalar: ["I64", [], [3]],
  empty: ["F32", [0, 3], []],
  transposed: [
    "F32",
    [6, 4],
    Array.from({ length: 24 }, (_, index) => (index % 4) * 6 + Math.floor(index / 4)),
  ],
  window: ["F32", [2, 3], [8, 9, 10, 14, 15, 16]],
  every_other: ["F32", [2, 2], [0, 3, 12, 15]],
  expanded: ["F32", [2, 2], [9, 9, 9, 9]],
};

describe("openTorch(), files of PyTorch", () => {
  for (const file of ["views.pt", "views_legacy.pt"]) {
    it(`reads every dtype and view of ${file} inside two wrappers`, () => {
      const table = opened(`torch/${file}`);
      assert.deepEqual([...table.infos.keys()], Object.keys(VIEWS));
      for (const [name, [dtype, shape, values]] of Object.entries(VIEWS)) {
        assert.deepEqual([table.infos.get(name)?.dtype, table.infos.get(name)?.shape], [dtype, shape], name);
        assert.deepEqual(floatsOf(table, name), values, name);
      }
      assert(E.isLeft(table.read("none")));
    });
  }

  it("reads a bare tensor, the form of concept rows", () => {
    const table = opened("torch/epoch_5_embed.pt");
    assert.deepEqual(table.infos.get("tensor")?.shape, [3, 2]);
    assert.deepEqual(floatsOf(table, "tensor"), [0, 1, 2, 3, 4, 5]);
  });

  it("reads the strided tensors of pnet.pt as published", () => {
    checkListing(opened("torch/pnet.pt"), json("torch/pnet_listing.json").tensors);
  });

  it("refuses modules and TorchScript by name", () => {
    const problems = ["torch/module.pt", "torch/script.pt"].map((file) => {
      const table = open(file);
      assert(E.isLeft(table));
      return describeError(table.left);
    });
    assert.match(problems[0] as string, /names torch\.nn\.modules\.linear\.Linear/);
    assert.match(problems[1] as string, /TorchScript/);
  });
});

describe("openTorch(), archives made by hand", () => {
  it("reads zip64, other root names, a tensor saved on a GPU, and a parameter", () => {
    const parameter = bytes(
      global("torch._utils", "_rebuild_parameter"),
      tuple(tensor(), bytes(0x89), bytes("N")),
      "R",
    );
    for (const zip64 of [false, true]) {
      const table = openTorch(fromBytes(checkpoint(dict({ w: tensor(), p: parameter }), { zip64 })), "x");
      assert(E.isRight(table));
      assert.deepEqual([floatsOf(table.right, "w"), floatsOf(table.right, "p")], [[1, 2], [1, 2]]);
    }
  });

  const hostile: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
    "a storage class outside the list": [
      tensor({ storage: global("torch", "UntypedStorage") }),
      /names torch\.UntypedStorage/,
    ],
    "a negative offset": [tensor({ offset: -1 }), /wrong offset/],
    "a negative stride": [tensor({ strides: [-1] }), /wrong stride/],
    "more axes than strides": [tensor({ shape: [1, 2] }), /wrong offset or stride/],
    "a view past its storage": [tensor({ offset: 1 }), /needs 3 elements, storage 0 has 2/],
    "an expanded tensor larger than the file": [
      tensor({ shape: [2 ** 30, 2 ** 20], strides: [0, 0] }),
      /shape \[1073741824,1048576\] is larger than the file/,
    ],
    "a shape beyond counting": [tensor({ shape: [2 ** 30, 2 ** 30], strides: [0, 0] }), /claims the shape/],
    "a missing storage": [tensor({ key: "7" }), /storage 7 is missing/],
    "a storage outside the folder": [tensor({ key: "../data.pkl" }), /missing/],
    "a storage in two sizes": [dict({ a: tensor(), b: tensor({ count: 1, shape: [1] }) }), /two ways/],
    "no tensors": [dict({ a: unicode("b") }), /it holds no tensors/],
    "a number": [bytes("K", 1), /it holds no tensors/],
    "a call of a storage class": [bytes(global("torch", "FloatStorage"), ")R"), /calls torch\.FloatStorage/],
    "an unknown persistent id": [bytes(unicode("module"), "Q"), /does not name a storage/],
  };
  for (const [what, [value, reason]] of Object.entries(hostile)) {
    it(`refuses ${what}`, () => {
      assert.match(problemOf(checkpoint(value)), reason);
    });
  }

  it("refuses big-endian archives, two pickles, no pickle", () => {
    const big = { name: "any/byteorder", content: bytes("big") };
    assert.match(problemOf(checkpoint(tensor(), { extra: [big] })), /byte order is big/);
    const second = { name: "other/data.pkl", content: bytes(".") };
    assert.match(problemOf(checkpoint(tensor(), { extra: [second] })), /2 entries called data\.pkl/);
    assert.match(problemOf(zip([big])), /0 entries called data\.pkl/);
  });

  it("refuses or reads any damaged file, and never throws", () => {
    const sound = Deno.readFileSync(new URL("torch/views.pt", FIXTURES));
    const legacy = Deno.readFileSync(new URL("torch/views_legacy.pt", FIXTURES));
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(sound, legacy), damage, fc.nat(), (file, changes, cut) => {
        const damaged = file.slice(0, cut % 3 === 0 ? cut % file.length : file.length);
        for (const [position, value] of changes) damaged[position % file.length] = value;
        const table = openTorch(fromBytes(damaged), "x");
        if (E.isLeft(table)) return assert.notEqual(describeError(table.left), "");
        for (const [name, info] of table.right.infos) {
          const raw = table.right.read(name);
          if (E.isRight(raw)) assert.deepEqual(raw.right.shape, info.shape);
        }
      }),
      { numRuns: 500 },
    );
  });
});
