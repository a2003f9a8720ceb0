import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { ByteCursor } from "../../../lib/tensor/containers/byte_cursor.ts";
import { type PickleValue, readPickle } from "../../../lib/tensor/containers/pickle.ts";
import { fromBytes } from "../../../lib/tensor/containers/random_access.ts";
import {
  tensorOf,
  torchRules,
  type TorchStorage,
  viewSpan,
} from "../../../lib/tensor/containers/torch_objects.ts";
import { bytes, dict, global, pickle, tensor, tuple, unicode } from "./archive.ts";

function read(value: Uint8Array, storages = new Map<string, TorchStorage>()): PickleValue {
  const file = pickle(value);
  return readPickle(new ByteCursor(fromBytes(file), 0, file.length), torchRules(storages));
}

describe("orderedDict and torch.Size", () => {
  it("are read as a dictionary and a tuple", () => {
    const pairs = bytes("](", tuple(unicode("w"), tensor()), "e");
    const dictionary = read(bytes(global("collections", "OrderedDict"), pairs, 0x85, "R"));
    assert(typeof dictionary === "object" && dictionary?.kind === "dict");
    assert.deepEqual(tensorOf(dictionary.entries.get("w") ?? null)?.shape, [2]);
    const size = read(bytes(global("torch", "Size"), tuple(tuple(bytes("K", 2))), "R"));
    assert.deepEqual(size, { kind: "tuple", items: [2] });
    assert.equal(tensorOf(size), null);
  });
});

describe("torchRules()", () => {
  it("collects every storage, used or not", () => {
    const storages = new Map<string, TorchStorage>();
    read(
      dict({ a: tensor(), b: tensor({ key: "1", count: 5, storage: global("torch", "CharStorage") }) }),
      storages,
    );
    assert.deepEqual([...storages.values()], [
      { key: "0", dtype: "F32", count: 2 },
      { key: "1", dtype: "I8", count: 5 },
    ]);
  });

  it("allows exactly the names of the format", () => {
    const { allows } = torchRules(new Map());
    const refused = [
      "torch.load",
      "torch._utils._rebuild_tensor",
      "builtins.eval",
      "torch.nn.Linear",
      "toString",
    ];
    assert.deepEqual(refused.filter(allows), []);
    assert(["collections.OrderedDict", "torch.Size", "torch.BoolStorage"].every(allows));
  });
});

describe("viewSpan()", () => {
  it("counts from the first to the last element", () => {
    assert.equal(viewSpan([], []), 1);
    assert.equal(viewSpan([2, 3], [3, 1]), 6);
    assert.equal(viewSpan([3, 2], [1, 3]), 6);
    assert.equal(viewSpan([2, 2], [0, 0]), 1);
    assert.equal(viewSpan([2], [5]), 6);
  });
});
