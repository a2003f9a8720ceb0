import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { additive, maskTensor } from "../../lib/showo/mask.ts";
import { type Policy, showoModel } from "../../lib/showo/model.ts";
import { forward, hiddenStates, logits, type SequenceInput } from "../../lib/showo/transformer.ts";
import { jit } from "../../lib/tensor/jit.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { assertClose } from "../support/fixture.ts";
import { useTestBackend } from "../support/backend.ts";
import { arrays, bits, cases, config, vocabulary } from "./fixture_model.ts";
import { leaked, loadPolicy, numbers } from "./fixture_weights.ts";

await useTestBackend();
const model = showoModel(config);
const policy = loadPolicy();
const TOLERANCE = 1e-4;
const { forward: item } = cases;
const data = (name: string) => arrays.get(name)?.data as Float32Array;
const input: SequenceInput = {
  ids: tf.tensor2d(item.ids, undefined, "int32"),
  mask: tf.tensor4d(additive(arrays.get("forward.visible")?.data as Uint8Array), [5, 1, 29, 29]),
};

describe("transformer", () => {
  it("equals the reference in all logits", () => {
    const run = jit(
      "test forward",
      (p: Policy, x: SequenceInput) => logits(p, forward(p, x, model), { columns: "all", model }),
    );
    const found = run(policy, input);
    assert.deepEqual(found.shape, [5, 29, 135]);
    assertClose(numbers(found), data("forward.logits"), TOLERANCE);
    found.dispose();
  });

  it("equals the reference in the hidden states of each layer", () => {
    const found = tf.tidy(() => {
      const rows = tf.tensor1d(item.hidden_rows, "int32");
      return numbers(tf.stack(hiddenStates(policy, input, model).states.map((x) => tf.gather(x, rows))));
    });
    assertClose(found, data("forward.hidden_states"), TOLERANCE);
  });

  it("gives the same numbers layer by compiled layer", () => {
    const byBlock = showoModel(config, { compile: "block" });
    const run = byBlock.whole(
      "forward",
      (p: Policy, x: SequenceInput) => logits(p, forward(p, x, byBlock), { columns: "all", model: byBlock }),
    );
    const found = run(policy, input);
    assertClose(numbers(found), data("forward.logits"), TOLERANCE);
    found.dispose();
  });

  it("reads a range of the columns without computing the others", () => {
    const wanted = {
      image: [vocabulary.firstImageId, vocabulary.codebookSize],
      text: [0, vocabulary.firstImageId],
    };
    for (const columns of ["image", "text"] as const) {
      const [from, count] = wanted[columns] as [number, number];
      const [found, expected] = tf.tidy(() => {
        const hidden = forward(policy, input, model);
        const all = logits(policy, hidden, { columns: "all", model });
        return [
          numbers(logits(policy, hidden, { columns, model })),
          numbers(tf.slice(all, [0, 0, from], [-1, -1, count])),
        ];
      });
      assertClose(found as number[], expected as number[], 1e-5);
    }
  });

  it("is not changed by padding on the left that keeps its positions", () => {
    const row = item.ids[0] as number[];
    const pads = row.lastIndexOf(vocabulary.special["[PAD]"]) + 1;
    const visible = bits(
      Array.from(
        { length: 29 },
        (_, i) =>
          [...(data("forward.visible") as unknown as Uint8Array).subarray(i * 29, i * 29 + 29)].join(""),
      ),
    );
    const cut = visible.filter((_, at) => Math.floor(at / 29) >= pads && at % 29 >= pads);
    const found = tf.tidy(() => {
      const x = {
        ids: tf.tensor2d([row.slice(pads)], undefined, "int32"),
        mask: maskTensor([Uint8Array.from(cut)]),
        positions: tf.range(pads, 29),
      };
      return numbers(logits(policy, forward(policy, x, model), { columns: "all", model }));
    });
    assertClose(found, data("forward.logits").slice(pads * 135, 29 * 135), TOLERANCE);
  });

  it("leaks nothing, compiled whole or by layer", () => {
    for (const compile of ["model", "block"] as const) {
      const compiled = showoModel(config, { compile });
      const run = compiled.whole("leak", (p: Policy, x: SequenceInput) => forward(p, x, compiled));
      assert.equal(leaked(() => run(policy, input).dispose()), 0);
    }
  });
});
