import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import { solidImage } from "../../lib/image/image.ts";
import { runFolder } from "../../lib/run/folder.ts";
import { openTracker } from "../../lib/run/tracker.ts";
import { memoryFiles } from "./memory_files.ts";
import { right } from "./outcome.ts";

const clock = { now: () => 0, date: () => "1970-01-01T00:00:01.500Z" };
const folder = runFolder("run");

describe("tracker", () => {
  it("takes down a step in every place", async () => {
    const files = memoryFiles();
    right(await files.makeFolder("run")());
    const options = { lastStep: 0, metrics: ["reward", "kl"], parameters: { seed: 7 } };
    const tracker = right(await openTracker(folder, options)({ files, clock })());
    const sample = { image: solidImage(8, 8), prompt: "a photo", reward: 0.5 };
    right(await tracker.step({ step: 1, metrics: { reward: 0.5 } })({ files, clock })());
    right(await tracker.step({ step: 2, metrics: { reward: 0.7 } }, [sample])({ files, clock })());
    const scores = { rec: { value: 0.9 } };
    right(await tracker.evaluation({ step: 2, scores, titles: {}, notes: [] })({ files, clock })());

    assert.equal(
      right(await files.readText(folder.metrics)()),
      '{"step":1,"reward":0.5,"kl":null}\n{"step":2,"reward":0.7,"kl":null}\n',
    );
    assert.deepEqual(right(await files.list("run/samples")()), ["step-000002.jsonl", "step-000002.png"]);
    assert.deepEqual(right(await files.list("run/eval")()), ["step-000002.json"]);
    const events = Buffer.from(files.entries.get("run/events.out.tfevents.1.1") as Uint8Array);
    for (const tag of ["reward", "samples", "prompts", "eval/rec", "_hparams_/experiment"]) {
      assert.equal(events.includes(tag), tag !== "prompts", tag);
    }
  });

  it("a step that TensorBoard could not take down is not in the metrics file", async () => {
    const files = memoryFiles();
    right(await files.makeFolder("run")());
    const options = { lastStep: 0, metrics: ["kl"], parameters: {} };
    const tracker = right(await openTracker(folder, options)({ files, clock })());
    const broken = memoryFiles({ entries: files.entries, dieAfter: 0 });
    const outcome = await tracker.step({ step: 1, metrics: { kl: 1 } })({ files: broken, clock })();
    assert.equal(outcome._tag, "Left");
    assert(!files.entries.has(folder.metrics));
  });
});
