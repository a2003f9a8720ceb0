import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../lib/core/key.ts";
import { showoModel } from "../../lib/showo/model.ts";
import { disposeState, policyOf, type PolicyState } from "../../lib/method/policy.ts";
import { makeUpdate } from "../../lib/method/update.ts";
import { compiledSignatures, setCompiler } from "../../lib/tensor/jit.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import {
  askedTask,
  contextOf,
  freshState,
  right,
  runtimeFor,
  smallSettings,
  weightedGroup,
} from "./tiny_run.ts";

await useTestBackend("wasm");

describe("an update", () => {
  it("compiles nothing after the first one, whatever was asked, answered and drawn", () => {
    const settings = smallSettings({ reasoning: { max_new_tokens: 3 }, generation: { timesteps: 3 } });
    const plain = runtimeFor(settings);
    const runtime = { ...plain, model: showoModel(plain.config, { compile: "model" }) };
    // Runs every function as it is, and lists what a compiler would have compiled.
    setCompiler({ compile: (_, body) => (inputs) => tf.tidy(() => body(inputs)) });
    const task = askedTask(runtime);
    const [word] = runtime.encodeText("wears");
    const longer = {
      ...task,
      promptIds: [...task.promptIds.slice(0, -1), ...Array(20).fill(word), ...task.promptIds.slice(-1)],
    };
    const update = makeUpdate(runtime, settings);
    let state: PolicyState = freshState(runtime, settings);
    const context = contextOf(runtime, settings, state);
    const before = compiledSignatures().length;
    const found = [task, longer].map((asked, seed) => {
      const policy = policyOf(runtime.base, state.trainable);
      const weighted = weightedGroup({ ...context, policy }, asked, seed);
      state = right(update(state, [{ task: asked, weighted }], keyFromSeed(seed))).state;
      return compiledSignatures().slice(before).map(({ name, signature }) => `${name} ${signature}`);
    });
    setCompiler(null);
    disposeState(state);
    runtime.dispose();
    const [first = [], second = []] = found;
    assert.deepEqual(second, first);
    const nameOf = (line: string): string => line.slice(0, line.search(/ [{["]/));
    // The reference's prompts are encoded by what decoding has compiled: the same content, so XLA has it already.
    const again = first.filter((line, index) => first.indexOf(line) < index);
    assert.deepEqual(again.map(nameOf).sort(), ["image prompts", "text prompts"]);
    const names = first.map(nameOf);
    for (const name of ["text step", "image step", "image gradients", "text gradients", "optimizer"]) {
      assert.ok(names.some((each) => each.startsWith(name)), `${name} in ${names}`);
    }
  });
});
