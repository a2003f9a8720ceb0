import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { encodePng } from "../../lib/image/png.ts";
import { heldoutScenes } from "../../lab/capability_checks/heldout_scenes.ts";
import { worldJudge } from "../../lib/evaluation/world_judge.ts";
import { loadAttributeReader } from "../../lib/experts/attribute_reader/attribute_reader_load.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { renderScene } from "../../lib/world/draw.ts";
import { attributesOf, clausesOf } from "../../lib/world/scene_truth.ts";
import { useTestBackend } from "../support/backend.ts";
import { succeed } from "./world_fixture.ts";

await useTestBackend();

const scenes = heldoutScenes({ count: 64, seed: 11 });
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe("the bundled judge", () => {
  it("reads every attribute of held-out characters in any combination", async () => {
    const reader = await succeed(loadAttributeReader("assets/nano/judge"), { files: liveFiles() });
    const sights = await succeed(reader.read(scenes.map((scene) => renderScene(scene, { size: 64 }))), {});
    for (const topic of Object.keys(reader.classes) as (keyof ReturnType<typeof attributesOf>)[]) {
      const right = scenes.map((scene, index) =>
        Number(sights[index]?.[topic]?.value === attributesOf(scene)[topic])
      );
      assert.ok(mean(right) >= 0.97, `${topic}: ${mean(right)}`);
    }
    reader.dispose();
  });

  it("tells true clauses from those of another picture", async () => {
    const reader = await succeed(loadAttributeReader("assets/nano/judge"), { files: liveFiles() });
    const judge = worldJudge(reader);
    const [yes, no]: [number[], number[]] = [[], []];
    for (const [index, scene] of scenes.slice(0, 24).entries()) {
      const image = { bytes: encodePng(renderScene(scene, { size: 64 })), mediaType: "image/png" } as const;
      const truths = clausesOf(scene);
      const lies = clausesOf(scenes[index + 24] as typeof scene).filter((clause) => !truths.includes(clause));
      yes.push(...(await succeed(judge.segments(image, truths), {})).filter((score) => score !== null));
      no.push(...(await succeed(judge.segments(image, lies), {})).filter((score) => score !== null));
    }
    assert.ok(mean(yes) > 0.97, `true clauses: ${mean(yes)}`);
    assert.ok(mean(no) < 0.03, `false clauses: ${mean(no)}`);
    reader.dispose();
  });
});
