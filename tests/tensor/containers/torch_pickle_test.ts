import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import { describe as describeError } from "../../../lib/core/error.ts";
import { toFloat32 } from "../../../lib/tensor/containers/dtype.ts";
import { fromBytes } from "../../../lib/tensor/containers/random_access.ts";
import { openTorch, type TorchTable } from "../../../lib/tensor/containers/torch_pickle.ts";

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
