import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import {
  drawingGates,
  judgeGates,
  readRight,
  tokenizerGates,
} from "../../../lab/capability_checks/picture_gates.ts";
import { heldoutScenes } from "../../../lab/capability_checks/heldout_scenes.ts";
import type { Sights } from "../../../lib/experts/attribute_reader/attribute_reader_load.ts";
import { solidImage } from "../../../lib/image/image.ts";
import { renderScene } from "../../../lib/world/draw.ts";
import type { Scene } from "../../../lib/world/scene.ts";
import { attributesOf } from "../../../lib/world/scene_truth.ts";
import { succeed } from "../../evaluation/world_fixture.ts";

const options = { count: 24, seed: 3 };
const scenes = heldoutScenes(options);
const sighted = (scene: Scene): Sights =>
  Object.fromEntries(
    Object.entries(attributesOf(scene)).map(([name, value]) => [name, { value, confidence: 1 }]),
  );
const reading = (sights: readonly Sights[]) => ({ read: () => RTE.right(sights) });
const truth = scenes.map(sighted);
const allRed = truth.map((seen) => ({ ...seen, colour: { value: "red", confidence: 1 } }));
const reds = scenes.filter(({ character }) => character.colour === "red").length;

describe("readRight()", () => {
  it("tries what a scene has, and the accessory always", () => {
    const read = readRight(scenes, truth);
    const dressed = scenes.filter(({ accessory }) => accessory !== null).length;
    assert.equal(read["accessory"]?.length, scenes.length);
    assert.equal(read["accessory_colour"]?.length, dressed);
    assert.equal((read["hair"]?.length ?? 0) + (read["pattern"]?.length ?? 0), scenes.length);
    assert.ok(Object.values(read).flat().every(Boolean));
  });
});

describe("judgeGates()", () => {
  it("counts what is read right, attribute by attribute", async () => {
    const gates = await succeed(judgeGates(reading(allRed), { ...options, size: 16 }), {});
    const of = (topic: string) => gates.find(({ name }) => name.endsWith(`: ${topic}`))?.value;
    assert.equal(of("colour"), reds / scenes.length);
    assert.equal(of("place"), 1);
  });
});

describe("tokenizerGates()", () => {
  it("tells signal, use of the codebook and what is read after over before", async () => {
    const codec = {
      encode: (images: readonly unknown[]) => images.map((_, index) => Int32Array.of(index % 4, 5)),
      decode: (codes: readonly Int32Array[]) => codes.map(() => solidImage(16, 16, [0, 0, 0])),
    };
    let calls = 0;
    const reader = { read: () => RTE.right(calls++ === 0 ? truth : allRed) };
    const gates = await succeed(
      tokenizerGates({ codec: codec as never, reader }, { ...options, size: 16, codebookSize: 10 }),
      {},
    );
    const of = (name: string) => gates.find((gate) => gate.name === name)?.value as number;
    assert.equal(of("tokenizer: codes used"), 0.5);
    assert.equal(of("tokenizer: colour read after over before"), reds / scenes.length);
    const pixels = scenes.flatMap((scene) => [...renderScene(scene, { size: 16 }).data]);
    const error = pixels.reduce((sum, value) => sum + value ** 2, 0) / pixels.length;
    assert.ok(Math.abs(of("tokenizer: PSNR, dB") - 10 * Math.log10(255 ** 2 / error)) < 1e-9);
  });
});

describe("drawingGates()", () => {
  it("asks for every scene in words and reads what comes", async () => {
    const prompts: string[] = [];
    const assistant = {
      answer: () => RTE.right([]),
      draw: (draws: readonly { readonly prompt: string }[]) => {
        prompts.push(...draws.map(({ prompt }) => prompt));
        return RTE.right(scenes.map((scene) => renderScene(scene, { size: 16 })));
      },
    };
    const gates = await succeed(drawingGates({ assistant, reader: reading(truth) }, options), {});
    assert.ok(gates.every(({ value }) => value === 1));
    assert.ok(prompts.every((prompt, index) => prompt.includes((scenes[index] as Scene).character.colour)));
  });
});
