import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openExperts } from "../../lib/evaluation/open_experts.ts";
import { liveBlobs } from "../../lib/run/blobs.ts";
import { liveFiles } from "../../lib/run/live.ts";
import type { Profile } from "../../lib/method/profile.ts";
import { openBackend } from "../../lib/tensor/backend.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { failure, succeed, world } from "./world_fixture.ts";

await succeed(openBackend({ device: "cpu" }), world().capabilities);

const capabilities = { files: liveFiles(), blobs: liveBlobs };
const NONE = {
  ernie: null,
  blip2: null,
  dinov2: null,
  facenet: null,
  mtcnn: null,
  clip: null,
  judge: null,
  names: null,
};
const profile = (changes: Partial<Profile>): Profile =>
  ({ imageSize: 64, unified: "u", imageTokenizer: "t", ...NONE, ...changes }) as Profile;
const bundled = profile({
  dinov2: "assets/nano/dinov2",
  clip: "assets/nano/clip",
  facenet: "assets/nano/facenet",
});

describe("openExperts()", () => {
  it("loads what the profile has and is wanted, and frees it", async () => {
    const before = tf.memory().numTensors;
    const experts = await succeed(openExperts(bundled, ["clip", "dino"]), capabilities);
    assert.ok(experts.clip !== null && experts.dino !== null && experts.faces === null);
    experts.dispose();
    assert.equal(tf.memory().numTensors, before);
    const none = await succeed(openExperts(profile({}), ["clip", "dino", "faces"]), capabilities);
    assert.deepEqual([none.clip, none.dino, none.faces], [null, null, null]);
  });

  it("frees what was loaded before a folder that is missing", async () => {
    const before = tf.memory().numTensors;
    const stage = openExperts({ ...bundled, dinov2: "nowhere" }, ["clip", "dino", "faces"]);
    assert.match(await failure(stage, capabilities), /nowhere/);
    assert.equal(tf.memory().numTensors, before);
  });
});
