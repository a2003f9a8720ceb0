import { describe, it } from "@std/testing/bdd";
import {
  blockOptions,
  transformerSettings,
  visionSettings,
} from "../../../lib/experts/shared/model_settings.ts";
import assert from "node:assert/strict";
import { problem, right } from "../../run/outcome.ts";

const DEFAULTS = { heads: 12, epsilon: 1e-6, activation: "gelu" } as const;

describe("blockOptions()", () => {
  it("takes defaults for keys that a file leaves out", () => {
    assert.deepEqual(right(blockOptions({}, DEFAULTS, "x")), DEFAULTS);
    const given = { num_attention_heads: 3, layer_norm_eps: 1e-12, hidden_act: "gelu_pytorch_tanh" };
    const expected = { heads: 3, epsilon: 1e-12, activation: "gelu_new" };
    assert.deepEqual(right(blockOptions(given, DEFAULTS, "x")), expected);
  });
  it("refuses an activation that is not known", () => {
    const line = problem(blockOptions({ hidden_act: "mish" }, DEFAULTS, "config.json"));
    assert.match(line, /^config\.json: hidden_act mish is not supported; gelu, .* are$/);
  });
});

describe("transformerSettings()", () => {
  it("writes what blockOptions() reads", () => {
    for (const activation of ["gelu", "gelu_new", "quick_gelu", "relu", "silu"] as const) {
      const options = { heads: 2, epsilon: 1e-5, activation };
      assert.deepEqual(right(blockOptions(transformerSettings(options), DEFAULTS, "x")), options);
    }
    assert.equal(transformerSettings({ heads: 1, epsilon: 1, activation: "swiglu" }).hidden_act, "gelu");
  });
});

describe("visionSettings()", () => {
  it("names sizes as the published files do", () => {
    const sizes = { ...DEFAULTS, width: 24, layers: 2, mlpWidth: 96, patchSize: 8, gridSide: 4 };
    assert.deepEqual(visionSettings(sizes), {
      ...transformerSettings(DEFAULTS),
      ...{ hidden_size: 24, intermediate_size: 96, num_hidden_layers: 2, patch_size: 8, image_size: 32 },
    });
  });
});
