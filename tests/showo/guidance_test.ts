import { describe, it } from "@std/testing/bdd";
import { encodeImagePrompts, guidedLogits, imageHidden, imagePrompts } from "../../lib/showo/guidance.ts";
import { showoModel } from "../../lib/showo/model.ts";
import { codesOfIds } from "../../lib/showo/vocabulary.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import { assertClose } from "../support/fixture.ts";
import { arrays, cases, config, vocabulary } from "./fixture_model.ts";
import { loadPolicy, numbers } from "./fixture_weights.ts";

await useTestBackend();
const model = showoModel(config, { compile: "none" });
const policy = loadPolicy();

describe("guidedLogits()", () => {
  for (const item of cases.cfg) {
    it(`equals the reference: ${item.name}, guidance ${item.guidance}`, () => {
      const found = tf.tidy(() => {
        const prompts = imagePrompts(item.cond_ids.map((ids) => ids.slice(0, 11)), { guided: true, model });
        const prefix = encodeImagePrompts(policy, prompts, { guided: true, model });
        const codes = tf.tensor2d(
          item.cond_ids.map((ids) => [...codesOfIds(vocabulary, ids.slice(12, 28))]),
          undefined,
          "int32",
        );
        const guidance = tf.scalar(item.guidance);
        const hidden = imageHidden(policy, { codes, prefix, guidance }, model);
        return numbers(guidedLogits(policy, { hidden, guidance }, { vocabulary }));
      });
      assertClose(found, arrays.get(item.combined)?.data as Float32Array, 1e-4);
    });
  }
});
