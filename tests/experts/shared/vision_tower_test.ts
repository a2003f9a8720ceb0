import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { blip2VisionEmbed, blip2VisionHidden } from "../../../lib/experts/blip2/blip2_vision.ts";
import {
  type Blip2VisionConfig,
  type Blip2VisionOf,
  blip2VisionParameters,
} from "../../../lib/experts/blip2/blip2_config.ts";
import { preNormBlock } from "../../../lib/experts/shared/blocks.ts";
import { resident } from "../../../lib/experts/shared/layers.ts";
import { initialArrays, weightsFrom } from "../../../lib/experts/shared/parameters.ts";
import { compiledTower, preNormStack } from "../../../lib/experts/shared/vision_tower.ts";
import { layerNorm } from "../../../lib/tensor/ops.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import { useTestBackend } from "../../support/backend.ts";
import { assertClose } from "../../support/fixture.ts";
import { assertNoLeak } from "./fixture_model.ts";

await useTestBackend();
const vision: Blip2VisionConfig = {
  ...{ width: 8, heads: 2, layers: 3, mlpWidth: 16, patchSize: 2, gridSide: 2 },
  ...{ epsilon: 1e-6, activation: "gelu" as const },
};
const schema = blip2VisionParameters({ vision } as Parameters<typeof blip2VisionParameters>[0]);
const weights = weightsFrom(schema, initialArrays(keyFromSeed(3), schema)) as Blip2VisionOf<tf.Tensor>;
const shape = [2, 4, 4, 3] as const;
const data = Float32Array.from({ length: 96 }, (_, index) => Math.sin(index));

describe("preNormStack()", () => {
  it("runs the blocks in order, then the norm", () => {
    tf.tidy(() => {
      const x = tf.tensor3d(data.slice(0, 80), [2, 5, 8]);
      let steps: tf.Tensor = x;
      for (const layer of weights.layers) steps = preNormBlock(steps, layer, vision);
      const expected = layerNorm(steps, weights.norm, vision.epsilon);
      assertClose(preNormStack(x, weights, vision).dataSync(), expected.dataSync(), 1e-6);
    });
  });
});

describe("compiledTower()", () => {
  const { layers, norm, ...entrance } = weights;
  const tower = compiledTower(
    "tower",
    (own: typeof entrance, pixels: tf.Tensor) => blip2VisionEmbed(own, pixels, vision),
    vision,
  );
  const run = () => tf.tidy(() => tower({ entrance, layers: resident(layers), norm }, { shape, data }));

  it("equals the same tower run as one", () => {
    const found = run();
    tf.tidy(() => {
      const whole = blip2VisionHidden(weights, tf.tensor4d(data, [...shape]), vision);
      assertClose(found.dataSync(), whole.dataSync(), 1e-5);
    });
    found.dispose();
  });
  it("leaks nothing", () => {
    assertNoLeak(run);
    disposeTree(weights as Tree);
  });
});
