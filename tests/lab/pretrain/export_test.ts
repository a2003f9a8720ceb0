import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeConfig } from "../../../lib/config/load.ts";
import { solidImage } from "../../../lib/image/image.ts";
import { keyFromSeed } from "../../../lib/core/key.ts";
import { magvitConfigOf, PRETRAINING, type Pretraining } from "../../../lab/pretrain/config.ts";
import { exporters } from "../../../lab/pretrain/export.ts";
import { initialUnified, unifiedConfig } from "../../../lab/pretrain/unified_model.ts";
import { worldTokenizer } from "../../../lab/pretrain/world_text.ts";
import { liveBlobs } from "../../../lib/run/blobs.ts";
import { liveFiles } from "../../../lib/run/live.ts";
import { magvitParameters } from "../../../lib/showo/magvit_config.ts";
import { loadProfile } from "../../../lib/method/profile.ts";
import { loadRuntime } from "../../../lib/method/runtime.ts";
import { initialise } from "../../../lib/tensor/nest.ts";
import { disposeTree, type Tree } from "../../../lib/tensor/tree.ts";
import { snapshot } from "../../showo/fixture_weights.ts";
import { right } from "../../cold_start/tiny.ts";
import { useTestBackend } from "../../support/backend.ts";
import { maxDifference } from "../../support/fixture.ts";

await useTestBackend("cpu");
const config = right(
  decodeConfig(PRETRAINING, {
    image_size: 16,
    tokenizer: {
      code_bits: 4,
      base_channels: 4,
      channel_multipliers: [1, 1, 2],
      res_blocks: [1, 1, 1],
      channels_per_group: 2,
    },
    unified: { width: 16, layers: 1, heads: 2, mlp_width: 32, semantic_tokens: 2, generation_tokens: 1 },
  }),
) as Pretraining;

describe("exporters()", () => {
  it("write folders that load as what was trained", async () => {
    const folder = await Deno.makeTempDir();
    const needs = { files: liveFiles(), blobs: liveBlobs };
    const parameters = initialUnified(keyFromSeed(1), unifiedConfig(config, worldTokenizer()), {
      characters: 3,
      rows: 4,
    });
    const codes = initialise(keyFromSeed(2), magvitParameters(magvitConfigOf(config.tokenizer)));
    try {
      const { unified, tokenizer } = exporters(config, folder);
      right(await unified({ parameters: parameters as Tree, optimizer: [] })(needs)());
      right(await tokenizer({ parameters: codes, optimizer: [] })(needs)());
      await Deno.writeTextFile(
        `${folder}/profile.yaml`,
        "image_size: 16\nunified: unified\nimage_tokenizer: image_tokenizer\nnames: unified/names.safetensors\n",
      );
      const profile = right(await loadProfile(folder)(needs)());
      const naming = { token: "<mip>", semanticTokens: 2, generationTokens: 1, mentions: "first" as const };
      const runtime = right(await loadRuntime(profile, naming)(needs)());
      const [found, expected] = [snapshot(runtime.base), snapshot(parameters.base)];
      assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort());
      for (const [name, values] of Object.entries(expected)) {
        assert.ok(maxDifference(found[name] as number[], values) < 1e-3, name);
      }
      const rows = [...parameters.names.embed.dataSync()];
      const mean = Array.from(
        { length: 64 },
        (_, n) => ([0, 1, 2].reduce((sum, c) => sum + (rows[c * 64 + n] as number), 0)) / 3,
      );
      assert.ok(maxDifference([...runtime.startRows.embed.dataSync()], mean) < 1e-4);
      assert.equal(runtime.codec.encode([solidImage(16, 16, [9, 99, 200])])[0]?.length, 16);
      assert.equal(runtime.decodeText(runtime.encodeText("a photo of a dog .")).trim(), "a photo of a dog .");
      runtime.dispose();
    } finally {
      disposeTree([parameters as Tree, codes]);
      await Deno.remove(folder, { recursive: true });
    }
  });
});
