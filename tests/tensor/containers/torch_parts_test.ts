import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { ByteCursor } from "../../../lib/tensor/containers/byte_cursor.ts";
import { readPickle } from "../../../lib/tensor/containers/pickle.ts";
import { fromBytes } from "../../../lib/tensor/containers/random_access.ts";
import { torchRules } from "../../../lib/tensor/containers/torch_objects.ts";
import { choosePart, torchParts } from "../../../lib/tensor/containers/torch_parts.ts";
import { problem, right } from "../../run/outcome.ts";
import { bytes, dict, int, pickle, tensor, unicode } from "./archive.ts";

const parts = (value: Uint8Array) => {
  const file = pickle(value);
  return torchParts(readPickle(new ByteCursor(fromBytes(file), 0, file.length), torchRules(new Map())));
};
const choose = (value: Uint8Array, part?: string) => choosePart(parts(value), "c.pt", part);
const chosen = (value: Uint8Array, part?: string) => right(choose(value, part));
const names = (
  value: Uint8Array,
  part?: string,
): readonly string[] => [...chosen(value, part).tensors.keys()];

const number = tensor({ shape: [], strides: [] });
const layers = dict({ "a.weight": tensor(), "a.bias": tensor() });
const moments = dict({ step: number, exp_avg: tensor(), exp_avg_sq: tensor() });
const optimizer = dict({
  state: bytes("}(", int(0), moments, int(1), moments, "u"),
  param_groups: bytes("]"),
});
const list = (...items: readonly Uint8Array[]): Uint8Array => bytes("](", ...items, "e");

describe("choosePart()", () => {
  it("finds the one model at any depth and under any name", () => {
    const inner = dict({ w: tensor(), note: unicode("text") });
    assert.deepEqual(names(tensor()), ["tensor"]);
    assert.deepEqual(names(inner), ["w"]);
    for (const key of ["state_dict", "model", "module", "net_G", "weights"]) {
      assert.deepEqual(names(dict({ epoch: int(1), [key]: inner })), ["w"], key);
      assert.deepEqual(names(dict({ x: list(dict({ [key]: layers })) })), ["a.weight", "a.bias"], key);
    }
    assert.equal(chosen(dict({ out: dict({ ema: inner }) })).name, "out.ema");
  });

  it("leaves losses, random states and optimizers aside and says so", () => {
    const file = dict({
      epoch: int(3),
      loss: number,
      rng_state: tensor(),
      history: dict({ accuracy: tensor() }),
      net: layers,
      optimizer,
      optimizers: list(optimizer),
    });
    assert.deepEqual(names(file), ["a.weight", "a.bias"]);
    assert.deepEqual(chosen(file).leftOut, [
      "loss, rng_state (2 tensors, 0.0 kB)",
      "history (1 tensor, 0.0 kB)",
      "optimizer (6 tensors, 0.0 kB)",
      "optimizers (6 tensors, 0.0 kB)",
    ]);
  });

  it("never takes an optimizer's state, whatever its name is", () => {
    for (const key of ["optimizer", "opt", "adamw", "training", "model"]) {
      assert.match(problem(choose(dict({ loss: number, [key]: optimizer }))), /no model is in it, only/, key);
    }
    assert.match(problem(choose(dict({ optimizer: dict({ "a.weight": tensor() }) }))), /no model/);
    assert.equal(chosen(dict({ optimizer, model: layers }), "optimizer").asWished, false);
  });

  it("lists several models with their sizes, and takes the one that is named", () => {
    const file = dict({ model: layers, out: dict({ ema: dict({ "a.weight": tensor() }) }), optimizer });
    const line = problem(choose(file));
    assert.match(line, /c\.pt: several models are in it: model \(2 tensors, 0\.0 kB\), out\.ema \(1 tensor/);
    assert.match(line, /deno task convert c\.pt OUT\.safetensors --part NAME/);
    assert.deepEqual(names(file, "model"), ["a.weight", "a.bias"]);
    for (const part of ["ema", "out", "out.ema"]) assert.equal(chosen(file, part).tensors.size, 1, part);
    assert.deepEqual(names(file, "out"), ["ema.a.weight"]);
    assert.deepEqual(names(file, "."), ["model.a.weight", "model.a.bias", "out.ema.a.weight"]);
    assert.match(problem(choose(file, "student")), /it has no part student, but model/);
  });

  it("says that there is nothing, and gives up on a value that holds itself", () => {
    assert.match(problem(choose(dict({ epoch: int(1) }))), /it holds no tensors/);
    assert.deepEqual(parts(bytes("}q", 0, unicode("model"), "h", 0, "s")), []);
  });
});
