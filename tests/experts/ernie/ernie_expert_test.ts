import { describe, it } from "@std/testing/bdd";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { ernieEmbedding } from "../../../lib/experts/ernie/ernie.ts";
import {
  type ErnieConfig,
  type ErnieOf,
  ernieParameters,
  initialErnieArrays,
} from "../../../lib/experts/ernie/ernie_config.ts";
import { ernieSettings, loadErnie } from "../../../lib/experts/ernie/ernie_expert.ts";
import { weightsFrom } from "../../../lib/experts/shared/parameters.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import assert from "node:assert/strict";
import { problem, right } from "../../run/outcome.ts";
import { assertClose } from "../../support/fixture.ts";
import { padded } from "../shared/fixture_model.ts";
import { disk, useGraphBackend, withModelFolder } from "../shared/model_on_disk.ts";

await useGraphBackend();

const NANO: ErnieConfig = {
  heads: 2,
  epsilon: 1e-5,
  activation: "relu",
  width: 8,
  layers: 2,
  mlpWidth: 12,
  vocabularySize: 9,
  positions: 20,
  tokenTypes: 2,
  taskTypes: 3,
  hasPooler: true,
};
const VOCABULARY = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nred\nhat\na\n##s\ndog\n";
const arrays = initialErnieArrays(keyFromSeed(5), NANO);
const FILES = { "config.json": ernieSettings(NANO), "vocab.txt": VOCABULARY };

describe("loadErnie()", () => {
  for (const pooling of ["mean", "cls", "pooler"] as const) {
    it(`embeds texts in batches as the model does one by one, ${pooling}`, async () => {
      const texts = ["a red hat", "dogs", "", ...Array.from({ length: 33 }, (_, i) => "red ".repeat(i % 12))];
      const before = tf.memory().numTensors;
      await withModelFolder(FILES, arrays, async (folder) => {
        const expert = right(await loadErnie(folder, { pooling })(disk)());
        assert.deepEqual(expert.config, NANO);
        const found = right(await expert.embed(texts)({})());
        assert.equal(found.length, texts.length);
        const weights: ErnieOf<tf.Tensor> = weightsFrom(ernieParameters(NANO), arrays);
        for (const index of [0, 1, 2, 12, 35]) {
          tf.tidy(() => {
            const ids = expert.tokenizer.encode(texts[index] ?? "");
            const alone = ernieEmbedding(weights, padded([ids]), { ...NANO, pooling });
            assertClose(found[index] ?? [], alone.dataSync(), 1e-5);
          });
        }
        disposeTree(weights as Tree);
        expert.dispose();
      });
      assert.equal(tf.memory().numTensors, before);
    });
  }
  it("leaves the task table out where the settings say so", async () => {
    const plain = { ...FILES, "config.json": { ...ernieSettings(NANO), use_task_id: false } };
    await withModelFolder(plain, arrays, async (folder) => {
      const expert = right(await loadErnie(folder)(disk)());
      assert.equal(expert.config.taskTypes, 0);
      expert.dispose();
    });
  });
  it("names file and repository if something is missing, damaged or of another kind", async () => {
    const missing = await loadErnie("/nowhere")(disk)();
    const advice = "download the files of nghuyong/ernie-3.0-base-zh to";
    assert.equal(problem(missing), `/nowhere/config.json: file not found; ${advice} /nowhere`);
    await withModelFolder(FILES, arrays, async (folder) => {
      const weights = `${folder}/model.safetensors`;
      const bytes = await Deno.readFile(weights);
      await Deno.writeFile(weights, bytes.slice(0, bytes.length - 9));
      const torn = problem(await loadErnie(folder)(disk)());
      assert.match(torn, new RegExp(`^${weights}: .*; ${advice} ${folder} again$`));
      await Deno.remove(weights);
      assert.equal(
        problem(await loadErnie(folder)(disk)()),
        `${weights}: file not found; ${advice} ${folder}`,
      );
    });
    const other = { ...FILES, "config.json": { ...ernieSettings(NANO), model_type: "clip" } };
    await withModelFolder(other, arrays, async (folder) => {
      const line = problem(await loadErnie(folder)(disk)());
      assert.ok(
        line.startsWith(`${folder}/config.json: model_type is clip, expected ernie or bert; ${advice}`),
        line,
      );
      assert.equal(line.split("\n").length, 1);
    });
    const wrong = { ...FILES, "config.json": { ...ernieSettings(NANO), num_attention_heads: "two" } };
    await withModelFolder(wrong, arrays, async (folder) => {
      assert.match(
        problem(await loadErnie(folder)(disk)()),
        /num_attention_heads is missing or of another type/,
      );
    });
    const incomplete = new Map([...arrays].filter(([name]) => name !== "pooler.dense.bias"));
    await withModelFolder(FILES, incomplete, async (folder) => {
      assert.match(
        problem(await loadErnie(folder)(disk)()),
        /pooler\.dense\.bias: expected \[8\], found nothing/,
      );
    });
  });
});
