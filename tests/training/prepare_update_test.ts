import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { keyFromSeed } from "../../lib/core/key.ts";
import type { RewardExpert } from "../../lib/rewards/expert.ts";
import { showoModel } from "../../lib/showo/model.ts";
import type { RunContext } from "../../lib/method/run_context.ts";
import { disposeState, loraConfigOf, type PolicyState } from "../../lib/method/policy.ts";
import { prepareUpdate } from "../../lib/training/prepare_update.ts";
import { longestPrompt } from "../../lib/method/rollout.ts";
import { setCompiler } from "../../lib/tensor/jit.ts";
import { tf } from "../../lib/tensor/tf.ts";
import type { Tree } from "../../lib/tensor/tree.ts";
import { snapshot } from "../showo/fixture_weights.ts";
import { useTestBackend } from "../support/backend.ts";
import { tinyWorld } from "../cold_start/tiny.ts";
import {
  askedTask,
  brightness,
  concept,
  contextOf,
  freshState,
  plainExpert,
  right,
  runContextOf,
  runtimeFor,
  smallSettings,
  weightedGroup,
} from "../method/tiny_run.ts";

await useTestBackend("wasm");
const settings = smallSettings({ rl: { trainable: "lora", microbatch: 2 } });
const plain = runtimeFor(settings);
const runtime = {
  ...plain,
  model: showoModel(plain.config, { compile: "model", lora: loraConfigOf(settings) }),
};
const expert: RewardExpert = plainExpert("ber", brightness);

const runOf = async (): Promise<RunContext> => ({
  ...await runContextOf(runtime, settings, [expert]),
  promptLength: longestPrompt(runtime, concept, settings),
});

/** A compiler that runs functions as they are and lists what it was given. */
function listing(options: { readonly onThreads: boolean }) {
  const [prepared, compiled]: [string[], string[]] = [[], []];
  const shapes = (name: string, examples: readonly tf.Tensor[]) =>
    `${name} ${examples.map(({ shape }) => `[${shape}]`).join("")}`;
  setCompiler({
    compile: (name, body, examples) => {
      compiled.push(shapes(name, examples));
      return (inputs) => tf.tidy(() => body(inputs));
    },
    ...(options.onThreads
      ? {
        ahead: (name, body, examples) => {
          prepared.push(shapes(name, examples));
          return { run: (inputs) => tf.tidy(() => body(inputs)), outputs: tf.tidy(() => body(examples)) };
        },
      }
      : {}),
  });
  return { prepared, compiled };
}

describe("prepareUpdate()", () => {
  it("compiles what the first update will call, and changes nothing", async () => {
    const { prepared, compiled } = listing({ onThreads: true });
    const run = await runOf();
    const state: PolicyState = freshState(runtime, settings);
    const task = { ...askedTask(runtime), promptLength: run.promptLength };
    const weighted = weightedGroup(contextOf(runtime, settings, state), task);
    const [before, tensors] = [snapshot(state.trainable as Tree), tf.memory().numTensors];
    right(await prepareUpdate(run, state)(tinyWorld())());
    assert.deepEqual(snapshot(state.trainable as Tree), before);
    assert.equal(tf.memory().numTensors, tensors);
    const already = compiled.length;
    const { state: next } = right(run.update(state, [{ task, weighted }], keyFromSeed(3)));
    assert.deepEqual(compiled.slice(already), [], "the update compiled something else");
    for (const name of ["text gradients", "image gradients", "add gradients", "optimizer"]) {
      assert.ok(prepared.some((each) => each.startsWith(name)), `${name} in ${prepared.join("\n")}`);
    }
    setCompiler(null);
    disposeState(next);
  });

  it("does nothing where nothing compiles on other threads", async () => {
    const { compiled } = listing({ onThreads: false });
    const run = await runOf();
    const state = freshState(runtime, settings);
    right(await prepareUpdate(run, state)(tinyWorld())());
    setCompiler(null);
    assert.deepEqual(compiled, []);
    disposeState(state);
  });
});
