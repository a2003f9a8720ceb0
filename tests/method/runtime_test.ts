import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { describe as describeError } from "../../lib/core/error.ts";
import { solidImage } from "../../lib/image/image.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { loadProfile, type Profile } from "../../lib/method/profile.ts";
import type { Naming } from "../../lib/method/prompt_reader.ts";
import { loadRuntime } from "../../lib/method/runtime.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { encodeTree } from "../../lib/tensor/tree_file.ts";
import { right } from "../run/outcome.ts";
import { useTestBackend } from "../support/backend.ts";
import { TINY_IMAGE_SIZE, writeTinyProfile } from "../support/tiny_profile.ts";

const folder = await Deno.makeTempDir();
const disk = { files: liveFiles(), blobs: liveBlobs };
const naming: Naming = { token: "<mip>", semanticTokens: 2, generationTokens: 1, mentions: "first" };
const profile = async (changes: Partial<Profile> = {}): Promise<Profile> => ({
  ...right(await loadProfile(folder)(disk)()),
  ...changes,
});

before(async () => {
  await useTestBackend("wasm");
  await writeTinyProfile(folder);
  const rows = tf.zeros([3, 16]);
  await Deno.writeFile(join(folder, "names.safetensors"), encodeTree({ embed: rows, head: rows }));
  rows.dispose();
  const config = JSON.parse(await Deno.readTextFile(join(folder, "unified/config.json")));
  await Deno.mkdir(join(folder, "other"));
  for (const name of ["tokenizer.json", "model.safetensors"]) {
    await Deno.copyFile(join(folder, "unified", name), join(folder, "other", name));
  }
  await Deno.writeTextFile(join(folder, "other/config.json"), JSON.stringify({ ...config, hidden_size: 8 }));
});

after(() => Deno.remove(folder, { recursive: true }));

describe("loadRuntime()", () => {
  it("knows the concept's name block, and frees all it loaded", async () => {
    const before = tf.memory().numTensors;
    const runtime = right(await loadRuntime(await profile(), naming)(disk)());
    assert.deepEqual(runtime.startRows.embed.shape, [4, 16]);
    const ids = runtime.encodeText("a photo of <mip> .");
    const block = runtime.encodeText("<mip>");
    assert.deepEqual([block.length, new Set(block).size], [4, 4]);
    assert.deepEqual(ids.filter((id) => block.includes(id)), block);
    assert.equal(runtime.blackCodes.length, (TINY_IMAGE_SIZE / 4) ** 2);
    const [codes] = runtime.codec.encode([solidImage(TINY_IMAGE_SIZE, TINY_IMAGE_SIZE)]);
    assert.deepEqual(codes, runtime.blackCodes);
    runtime.dispose();
    assert.equal(tf.memory().numTensors, before);
  });
  it("refuses a concept whose token the model uses itself", async () => {
    for (const token of ["<token_1>", "<|endoftext|>"]) {
      const found = await loadRuntime(await profile(), { ...naming, token })(disk)();
      assert.match(E.isLeft(found) ? describeError(found.left) : "loaded", /learnable token|has a token/);
    }
  });
  it("names what is wrong, and keeps nothing", async () => {
    const cases: readonly (readonly [Partial<Profile>, RegExp])[] = [
      [{ unified: "nowhere" }, /nowhere\/config\.json: file not found/],
      [{ imageTokenizer: "nowhere" }, /nowhere/],
      [{ unified: join(folder, "other") }, /shape|expected/],
      [
        { names: join(folder, "names.safetensors") },
        /names\.safetensors: embed .*expected shape \[4, 16\], found \[3, 16\]/,
      ],
      [{ names: join(folder, "none.safetensors") }, /none\.safetensors: file not found/],
    ];
    for (const [changes, message] of cases) {
      const before = tf.memory().numTensors;
      const found = await loadRuntime(await profile(changes), naming)(disk)();
      assert.match(E.isLeft(found) ? describeError(found.left) : "loaded", message);
      assert.equal(tf.memory().numTensors, before, message.source);
    }
  });
});
