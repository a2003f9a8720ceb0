import { after, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import type { Study } from "../../../lab/dsog/dsog_rollouts.ts";
import { withStudy } from "../../../lab/dsog/dsog_study.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { useTestBackend } from "../../support/backend.ts";
import { failure, succeed } from "../../evaluation/world_fixture.ts";
import { tinyStudy } from "../experiments/tiny_study.ts";

await useTestBackend("cpu");
const folder = await Deno.makeTempDir();
const places = { runs: join(folder, "runs"), out: join(folder, "out") };

after(() => Deno.remove(folder, { recursive: true }));

const contents = ({ concept, state, experts, rewardConcept }: Study) => ({
  concept: concept.id,
  step: state.step,
  trained: Object.keys(state.trainable),
  experts: experts.experts.map(({ name }) => name),
  photos: rewardConcept.references.length > 0,
});

describe("withStudy()", () => {
  it("makes the cold start once, opens it, and frees all of it", async () => {
    const { settings, needs, started } = await tinyStudy(folder);
    const use = (study: Study) => RTE.fromIO(() => contents(study));
    await succeed(withStudy(settings, places, use), needs);
    const tensors = tf.memory().numTensors;
    const found = await succeed(withStudy(settings, places, use), needs);
    assert.deepEqual(found, { concept: "mip", step: 0, trained: ["rows"], experts: ["tier"], photos: true });
    assert.deepEqual(started, ["tiny-mip-s1-start"], "the second call found the run");
    assert.equal(tf.memory().numTensors, tensors);
  });

  it("frees all of it where its use fails", async () => {
    const { settings, needs } = await tinyStudy(folder);
    const tensors = tf.memory().numTensors;
    const problem = { _tag: "RewardFailed" as const, expert: "tier", problem: "no" };
    assert.match(await failure(withStudy(settings, places, () => RTE.left(problem)), needs), /no/);
    assert.equal(tf.memory().numTensors, tensors);
  });

  it("refuses to go on without the cold start", async () => {
    const { settings, needs } = await tinyStudy(folder, 7);
    const elsewhere = { ...places, runs: join(folder, "other") };
    assert.match(
      await failure(withStudy(settings, elsewhere, () => RTE.right(null)), needs),
      /tiny-mip-s\d+-start: the cold start did not finish/,
    );
  });
});
