import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import reference from "../fixtures/run/tensorboard_events.json" with { type: "json" };
import {
  fileStart,
  flatParameters,
  hparamsValues,
  imageValue,
  openEventFile,
  scalarValue,
  stepEvent,
  textValue,
} from "../../lib/run/tensorboard.ts";
import { memoryFiles } from "./memory_files.ts";
import { right } from "./outcome.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const clock = { now: () => 0, date: () => "1970-01-01T00:00:01.500Z" };

describe("tensorboard", () => {
  it("writes the bytes that TensorBoard's own writer writes", () => {
    const pngHead = Uint8Array.from(Buffer.from("89504e470d0a1a0a0000000d494844520000000500000003", "hex"));
    assert.equal(hex(fileStart(7, 1.5)), reference.file_start);
    assert.equal(hex(stepEvent(300, 2.25, [scalarValue("reward", 0.75)])), reference.scalar);
    assert.equal(hex(stepEvent(1, 0.5, [imageValue("samples", pngHead)])), reference.image);
    assert.equal(hex(stepEvent(2 ** 40, 0.5, [textValue("prompts", "a <mochi> ü")])), reference.text);
  });

  it("flatParameters() names every leaf of a config", () => {
    const tree = { seed: 1, dsog: { eta: 0.5, rule: "paper", on: true }, seeds: [1, 2], max_kl: null };
    assert.deepEqual(flatParameters(tree), {
      seed: 1,
      "dsog.eta": 0.5,
      "dsog.rule": "paper",
      "dsog.on": true,
      seeds: "[1,2]",
      max_kl: "null",
    });
  });

  it("hparamsValues() makes one value for the experiment and one for the session", () => {
    const values = hparamsValues({ rate: 1 }, { metrics: ["reward"], started: 1 }).map(hex);
    assert(values[0]?.includes(hex(new TextEncoder().encode("_hparams_/experiment"))));
    assert(values[1]?.includes(hex(new TextEncoder().encode("_hparams_/session_start_info"))));
  });

  it("openEventFile() starts a file and appends steps", async () => {
    const files = memoryFiles();
    const file = right(await openEventFile("run", { firstStep: 7 })({ files, clock })());
    assert.equal(file.path, "run/events.out.tfevents.1.7");
    right(await file.write(300, [scalarValue("reward", 0.75)])({ files, clock })());
    assert.equal(
      hex(files.entries.get(file.path) as Uint8Array),
      hex(fileStart(7, 1.5)) + hex(stepEvent(300, 1.5, [scalarValue("reward", 0.75)])),
    );
  });
});
