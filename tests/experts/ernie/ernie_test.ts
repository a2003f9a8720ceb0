import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { readWeights } from "../../../lib/experts/shared/checkpoint.ts";
import { ernieEmbedding, ernieHidden, poolText } from "../../../lib/experts/ernie/ernie.ts";
import {
  ERNIE_EXTRAS,
  type ErnieConfig,
  ernieConfig,
  type ErnieOf,
  ernieParameters,
  ernieSource,
  initialErnieArrays,
} from "../../../lib/experts/ernie/ernie_config.ts";
import { weightsFrom } from "../../../lib/experts/shared/parameters.ts";
import { unit } from "../../../lib/tensor/ops.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { useTestBackend } from "../../support/backend.ts";
import { assertClose, readArrays, readJson } from "../../support/fixture.ts";
import {
  assertGradientsEverywhere,
  assertNoLeak,
  fixtureWeights,
  padded,
  rightOf,
} from "../shared/fixture_model.ts";

await useTestBackend();
const BLOCK = { heads: 4, epsilon: 1e-5, activation: "gelu" } as const;

interface Cases {
  cases: { name: string; input_ids: number[] }[];
  batch: { texts: number[]; input_ids: number[][]; attention_mask: number[][] };
  cosine_mean: { texts: number[]; matrix: number[][] };
  explicit_types: { token_type_ids: number[]; task_type_ids: number[] };
}
const cases = readJson<Cases>("experts/ernie/cases.json");
const expected = readArrays("experts/ernie/expected.safetensors");
const reference = (name: string): Float32Array => expected.get(name)?.data as Float32Array;
const source = ernieSource(fixtureWeights("experts/ernie/model.safetensors"));

function open(useTaskId = true): { config: ErnieConfig; weights: ErnieOf<tf.Tensor> } {
  const config = rightOf(ernieConfig(source, { ...BLOCK, useTaskId }));
  const weights = rightOf(readWeights(source, ernieParameters(config), { ignore: ERNIE_EXTRAS }));
  return { config, weights };
}

describe("ernieHidden()", () => {
  const { config, weights } = open();
  const first = cases.cases[0]?.input_ids ?? [];
  it("equals the reference on the stored ids of every text", () => {
    for (const { name, input_ids } of cases.cases) {
      tf.tidy(() => {
        const { ids, mask } = padded([input_ids]);
        const hidden = ernieHidden(weights, { ids, mask }, config);
        assertClose(poolText(hidden, mask, { pooling: "mean" }).dataSync(), reference(`${name}.mean`), 1e-4);
        const pooled = poolText(hidden, mask, { pooling: "pooler", pooler: weights.pooler });
        assertClose(pooled.dataSync(), reference(`${name}.pooler`), 1e-4);
        const states = expected.get(`${name}.last_hidden_state`);
        if (states !== undefined) assertClose(hidden.dataSync(), states.data as Float32Array, 1e-4);
        const firstToken = poolText(hidden, mask, { pooling: "cls" }).dataSync();
        assert.deepEqual(firstToken, hidden.dataSync().slice(0, config.width));
      });
    }
  });
  it("is not changed by padding", () => {
    tf.tidy(() => {
      const { texts, input_ids, attention_mask } = cases.batch;
      const mask = tf.tensor2d(attention_mask, undefined, "int32");
      const hidden = ernieHidden(weights, { ids: tf.tensor2d(input_ids, undefined, "int32"), mask }, config);
      const rows = poolText(hidden, mask, { pooling: "mean" }).arraySync() as number[][];
      texts.forEach((text, row) => {
        assertClose(rows[row] ?? [], reference(`${cases.cases[text]?.name}.mean`), 1e-4);
      });
    });
  });
  it("adds explicit token and task types", () => {
    tf.tidy(() => {
      const { token_type_ids, task_type_ids } = cases.explicit_types;
      const hidden = ernieHidden(weights, {
        ...padded([first]),
        tokenTypes: tf.tensor2d([token_type_ids], undefined, "int32"),
        taskTypes: tf.tensor2d([task_type_ids], undefined, "int32"),
      }, config);
      assertClose(hidden.dataSync(), reference("explicit_types.last_hidden_state"), 1e-4);
    });
  });
  it("leaves the task table out where the config says so", () => {
    const plain = open(false);
    tf.tidy(() => {
      const hidden = ernieHidden(plain.weights, padded([first]), plain.config);
      assertClose(hidden.dataSync(), reference("no_task_id.last_hidden_state"), 1e-4);
    });
    disposeTree(plain.weights as Tree);
  });
  it("leaks nothing", () => {
    const text = padded([first]);
    assertNoLeak(() => ernieHidden(weights, text, config));
    disposeTree(text);
  });
});

describe("ernieEmbedding()", () => {
  it("gives the reference cosines", () => {
    const { config, weights } = open();
    tf.tidy(() => {
      const { texts, matrix } = cases.cosine_mean;
      const text = padded(texts.map((index) => cases.cases[index]?.input_ids ?? []));
      const vectors = ernieEmbedding(weights, text, { ...config, pooling: "mean" }) as tf.Tensor2D;
      assertClose(tf.matMul(vectors, vectors, false, true).dataSync(), matrix.flat(), 1e-4);
      assertClose(unit(vectors).dataSync(), vectors.dataSync(), 1e-6);
    });
    disposeTree(weights as Tree);
  });
});

describe("initialErnieArrays()", () => {
  it("starts a model whose every weight has a gradient", () => {
    const config = { ...open().config, vocabularySize: 6, width: 8, mlpWidth: 12, heads: 2, positions: 5 };
    const weights: ErnieOf<tf.Tensor> = weightsFrom(
      ernieParameters(config),
      initialErnieArrays(keyFromSeed(1), config),
    );
    const text = padded([[1, 3, 5, 4, 2], [1, 3, 2]]);
    const target = tf.randomUniform([2, 8], -1, 1, "float32", 6);
    const options = { ...config, pooling: "pooler" } as const;
    assertGradientsEverywhere(weights, (w) => tf.sum(tf.mul(ernieEmbedding(w, text, options), target)));
    disposeTree([weights as Tree, text, target]);
  });
});

describe("ernieSource()", () => {
  it("understands the names of every release", () => {
    const names = ["ernie.embeddings.LayerNorm.gamma", "bert.encoder.layer.3.output.LayerNorm.beta"];
    assert.deepEqual(ernieSource({ ...source, names }).names, [
      "embeddings.LayerNorm.weight",
      "encoder.layer.3.output.LayerNorm.bias",
    ]);
  });
});
