import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeWork, forwardWork, gradientWork } from "../../bench/full_size_work.ts";
import { fullSizeTable } from "../../bench/full_size.ts";
import { shardsOf, writeRandomWeights } from "../../bench/random_weights.ts";
import { magvitDecodeFlops, showoFlops } from "../../bench/showo_flops.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { parseShowoConfig } from "../../lib/showo/config.ts";
import { PUBLISHED_MAGVIT } from "../../lib/showo/magvit_folder.ts";
import { publishedName, showoParameters, showoWeightsFrom } from "../../lib/showo/weights.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { disposeTree } from "../../lib/tensor/tree.ts";
import { openWeights } from "../../lib/tensor/weight_source.ts";
import { right } from "../run/outcome.ts";
import { config } from "../showo/fixture_model.ts";
import { useTestBackend } from "../support/backend.ts";

await useTestBackend("cpu");

const parameters = new Map(
  [...showoParameters(config)].map(([path, initial]) => [publishedName(path) as string, initial]),
);

describe("writeRandomWeights()", () => {
  it("writes shards and an index that load as a model", async () => {
    const folder = await Deno.makeTempDir();
    try {
      const options = { blobs: liveBlobs, folder, dtype: "F16", shardBytes: 60_000 } as const;
      const { files, bytes } = right(await writeRandomWeights(parameters, options));
      assert.equal(files, shardsOf([...parameters], options).length);
      assert.ok(files > 2 && bytes > 200_000);
      const source = right(await openWeights(folder)({ files: liveFiles(), blobs: liveBlobs })());
      const base = right(showoWeightsFrom(source, config));
      source.close();
      const values = base.embed.dataSync() as Float32Array;
      const deviation = Math.sqrt(values.reduce((sum: number, x: number) => sum + x * x, 0) / values.length);
      assert.ok(Math.abs(deviation - 0.02) < 0.001, String(deviation));
      disposeTree(base);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  it("gives a tensor that is larger than a shard one of its own", () => {
    const entry = (size: number) => ({ shape: [size], fill: { constant: 0 } });
    const shards = shardsOf([["a", entry(2)], ["b", entry(100)], ["c", entry(3)], ["d", entry(1)]], {
      dtype: "F32",
      shardBytes: 16,
    });
    assert.deepEqual(shards.map((shard) => shard.map(([name]) => name)), [["a"], ["b"], ["c", "d"]]);
  });
});

describe("the work", () => {
  it("runs at any size and leaks nothing", async () => {
    const folder = await Deno.makeTempDir();
    try {
      const options = { blobs: liveBlobs, folder, dtype: "F32", shardBytes: 1e9 } as const;
      right(await writeRandomWeights(parameters, options));
      const source = right(await openWeights(folder)({ files: liveFiles(), blobs: liveBlobs })());
      const base = right(showoWeightsFrom(source, config));
      source.close();
      const decode = decodeWork({ config, base });
      for (const work of [forwardWork({ config, base }), decode, gradientWork({ config, base })]) {
        assert.ok(work.flops > 0, work.name);
        work.run();
        const before = tf.memory().numTensors;
        work.run();
        assert.equal(tf.memory().numTensors, before, work.name);
      }
      decode.dispose();
      disposeTree(base);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});

describe("operations", () => {
  it("of one token through the published layers are two per weight", () => {
    const file = { llm_vocab_size: 50295, codebook_size: 8192, num_vq_tokens: 256 };
    const published = right(parseShowoConfig(file, "config.json"));
    const rows = { batch: 1, tokens: 1, keys: 0, logits: { positions: 1, columns: 58498 } };
    assert.equal(showoFlops(published, rows), 2 * (24 * (4 * 2048 ** 2 + 2 * 2048 * 8192) + 58498 * 2048));
  });
  it("of the published decoder grow with the picture", () => {
    const [small, large] = [16, 32].map((grid) => magvitDecodeFlops(PUBLISHED_MAGVIT, grid)) as [
      number,
      number,
    ];
    assert.ok(large > 4 * small && large < 4.2 * small);
    assert.ok(large > 1e12 && large < 1.3e12);
  });
});

describe("fullSizeTable()", () => {
  it("is a Markdown table", () => {
    const [head, , row] = fullSizeTable([{ name: "x", first: 2, next: 0.5, flops: 1e12, peak: 2 ** 30 }]);
    assert.match(head ?? "", /^\| work \| first call/);
    assert.equal(row, "| x | 2.0 | 0.5 | 1.00 | 2000 | 1.00 |");
  });
});
