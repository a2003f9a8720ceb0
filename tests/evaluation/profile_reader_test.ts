import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openReader } from "../../lib/evaluation/profile_reader.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { tf } from "../../lib/tensor/tf.ts";
import { useTestBackend } from "../support/backend.ts";
import { failure, succeed } from "./world_fixture.ts";

await useTestBackend("cpu");
const needs = { files: liveFiles() };

describe("openReader()", () => {
  it("loads the reader of a profile; its owner frees it", async () => {
    const before = tf.memory().numTensors;
    const reader = await succeed(openReader({ judge: "assets/nano/judge" }, { where: "profile" }), needs);
    assert.ok(Object.keys(reader.classes).includes("colour"));
    reader.dispose();
    assert.equal(tf.memory().numTensors, before);
  });
  it("says where a profile lacks one, and what helps", async () => {
    assert.match(
      await failure(openReader({ judge: null }, { where: "tiny.yaml" }), needs),
      /^tiny\.yaml: the profile has no attribute reader \(judge\).*name a profile that has one/,
    );
    const asked = { where: "judge.kind", remedy: "choose chat, recorded or none" };
    assert.match(await failure(openReader({ judge: null }, asked), needs), /choose chat, recorded or none/);
  });
});
