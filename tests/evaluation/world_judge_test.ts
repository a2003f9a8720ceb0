import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import fc from "fast-check";
import { encodePng } from "../../lib/image/png.ts";
import { keyFromSeed } from "../../lib/core/key.ts";
import { judgeClause, worldJudge } from "../../lib/evaluation/world_judge.ts";
import { renderScene } from "../../lib/world/draw.ts";
import { charactersOf, sampleScene } from "../../lib/world/scene.ts";
import { attributesOf, clausesOf } from "../../lib/world/scene_truth.ts";
import { failure, succeed } from "./world_fixture.ts";

const sighted = (scene: Parameters<typeof attributesOf>[0], confidence: number) =>
  Object.fromEntries(
    Object.entries(attributesOf(scene)).map(([topic, value]) => [topic, { value, confidence }]),
  );

const scene = sampleScene(keyFromSeed(4), { characters: charactersOf("heldout") });

describe("judgeClause()", () => {
  it("finds everything that is true of a scene, clearly or not", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (seed) => {
        const drawn = sampleScene(keyFromSeed(seed), { characters: charactersOf("heldout") });
        for (const clause of clausesOf(drawn)) {
          assert.equal(judgeClause(clause, sighted(drawn, 0.9), 0.7), 1, clause);
          assert.equal(judgeClause(clause, sighted(drawn, 0.6), 0.7), 0.5, clause);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("is not sure of a clause if it is not sure of one of its attributes", () => {
    const sights = {
      accessory: { value: "hat", confidence: 0.9 },
      accessory_colour: { value: "red", confidence: 0.4 },
    };
    assert.equal(judgeClause("wearing a red hat", sights, 0.7), 0.5);
    assert.equal(judgeClause("wearing a hat", sights, 0.7), 1);
    assert.equal(judgeClause("wearing a blue hat", sights, 0.7), 0);
  });
});

describe("worldJudge()", () => {
  const image = { bytes: encodePng(renderScene(scene, { size: 64 })), mediaType: "image/png" } as const;

  it("reads a picture once for all its clauses, also when asked at the same time", async () => {
    let reads = 0;
    const judge = worldJudge({
      read: (images) => RTE.fromIO(() => (reads += images.length, images.map(() => sighted(scene, 1)))),
    });
    const clauses = [...clausesOf(scene), "in the jungle"];
    const [first] = await Promise.all([0, 1].map(() => succeed(judge.segments(image, clauses), {})));
    assert.deepEqual(first, [...clausesOf(scene).map(() => 1), null]);
    await succeed(judge.segments(image, ["a cat"]), {});
    assert.equal(reads, 1);
  });

  it("says which file is no picture", async () => {
    const judge = worldJudge({ read: (images) => RTE.right(images.map(() => ({}))) });
    const bytes = new Uint8Array([1, 2, 3]);
    assert.match(
      await failure(judge.segments({ bytes, mediaType: "image/png" }, ["a dog"]), {}),
      /^the judged picture: /,
    );
  });

  it("grades answers by the world's grammar", async () => {
    const judge = worldJudge({ read: (images) => RTE.right(images.map(() => ({}))) });
    assert.equal(
      await succeed(judge.text({ question: "", reference: "a red hat", prediction: "a red hat ." }), {}),
      1,
    );
  });
});
