import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import assert from "node:assert/strict";
import { solidImage } from "../../lib/core/image.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import type { Profile } from "../../lib/stages/profile.ts";
import { expertLoadings, rewardConcept, rewardRow } from "../../lib/stages/rewarding.ts";
import type { Prompted } from "../../lib/stages/rollout.ts";
import { sampleTask } from "../../lib/stages/task.ts";
import { tinyWorld } from "./cold_start/tiny.ts";
import { concept, right, smallSettings } from "./tiny_run.ts";

const none = { ernie: null, blip2: null, dinov2: null, facenet: null, mtcnn: null } as unknown as Profile;

describe("rewardConcept()", () => {
  it("has one reference per train photo, of the model's size", async () => {
    const found = right(await rewardConcept(concept, 16)(tinyWorld())());
    assert.equal(found.references.length, concept.trainImages.length);
    assert.ok(found.references.every(({ width, height }) => width === 16 && height === 16));
    assert.deepEqual([found.id, found.token, found.category], [concept.id, concept.token, concept.category]);
  });
});

describe("rewardRow()", () => {
  it("copies task and candidate", async () => {
    const known = right(await rewardConcept(concept, 16)(tinyWorld())());
    const task = right(
      sampleTask(keyFromSeed(1), concept, { reasoningMix: 0, textReasoning: "{prompt}", plainPrompt: "p" }),
    );
    const prompted = { compoundPrompt: "cp", text: "said" } as Prompted;
    const image = solidImage(2, 2);
    const row = rewardRow(task, prompted, { concept: known, image });
    assert.deepEqual([row.compoundPrompt, row.reasoning, row.prompt], ["cp", "said", task.basePrompt]);
    assert.deepEqual([row.candidates, row.truthIndex, row.explicitPrompt], [
      task.candidates,
      task.truthIndex,
      task.explicitPrompt,
    ]);
    assert.equal(row.image, image);
    const { explicitPrompt: _, ...plain } = task;
    assert.ok(!("explicitPrompt" in rewardRow(plain, prompted, { concept: known, image })));
  });
});

describe("expertLoadings()", () => {
  it("looks at faces of humans only; the first one scores previews", () => {
    const names = (category: "human" | "animal") =>
      expertLoadings(none, smallSettings(), { category }).map(({ name }) => name);
    assert.deepEqual(names("animal"), ["ber", "tier", "der"]);
    assert.deepEqual(names("human"), ["ber", "tier", "der", "fer"]);
  });
  it("says which expert the profile lacks", async () => {
    for (const { name, folder, load } of expertLoadings(none, smallSettings(), { category: "human" })) {
      const found = await load({ ...tinyWorld(), blobs: {} as never })();
      assert.equal(folder, null);
      assert.ok(E.isLeft(found) && found.left._tag === "InputInvalid" && found.left.problem.includes(name));
    }
  });
});
