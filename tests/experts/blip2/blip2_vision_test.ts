import { describe, it } from "@std/testing/bdd";
import {
  BLIP2_EXTRAS,
  blip2Config,
  type Blip2Of,
  blip2Parameters,
} from "../../../lib/experts/blip2/blip2_config.ts";
import { blip2VisionHidden } from "../../../lib/experts/blip2/blip2_vision.ts";
import { readWeights } from "../../../lib/experts/shared/checkpoint.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { useTestBackend } from "../../support/backend.ts";
import { assertClose, readArrays, tensorOf } from "../../support/fixture.ts";
import { assertNoLeak, fixtureWeights, rightOf, toNhwc } from "../shared/fixture_model.ts";

await useTestBackend();
const expected = readArrays("experts/blip2/expected.safetensors");
const reference = (name: string): Float32Array => expected.get(name)?.data as Float32Array;
const source = fixtureWeights("experts/blip2/model.safetensors");
const config = rightOf(blip2Config(source, {
  vision: { heads: 4, epsilon: 1e-6, activation: "gelu" },
  qformer: { heads: 5, epsilon: 1e-12, activation: "gelu", crossFrequency: 2 },
}));
const weights: Blip2Of<tf.Tensor> = rightOf(
  readWeights(source, blip2Parameters(config), { ignore: BLIP2_EXTRAS }),
);

const hiddenOf = (name: string): tf.Tensor =>
  blip2VisionHidden(weights.vision, toNhwc(tensorOf(expected, `${name}.pixel_values`)), config.vision);

describe("blip2VisionHidden()", () => {
  it("equals the reference, at the trained size and at another", () => {
    for (const name of ["astronaut_256", "coffee_180x120", "direct_nonnative"]) {
      tf.tidy(() => {
        assertClose(hiddenOf(name).dataSync(), reference(`${name}.vision_last_hidden_state`), 1e-4);
      });
    }
  });
  it("leaks nothing", () => {
    const pixels = tf.zeros([1, 28, 28, 3]);
    assertNoLeak(() => blip2VisionHidden(weights.vision, pixels, config.vision));
    pixels.dispose();
  });
});
