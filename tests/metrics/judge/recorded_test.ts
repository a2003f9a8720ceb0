import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { createHash } from "node:crypto";
import type { Files, HasFiles } from "../../../lib/core/capability.ts";
import type { Judge } from "../../../lib/metrics/judge/judge.ts";
import { judgeFromRecords, readRecordedJudge, recording } from "../../../lib/metrics/judge/recorded.ts";
import { fail, succeed } from "./fakes.ts";

const item = { question: "q", reference: "r", prediction: "p" };
const image = { bytes: Uint8Array.of(1, 2), mediaType: "image/png" } as const;
const missing = (path: string) => TE.left({ _tag: "FileMissing", path, remedy: "make it" } as const);

/** Text files in memory: only what recording needs. */
const memoryFiles = (texts: Map<string, string>): HasFiles => ({
  files: {
    readText: (path: string) => texts.has(path) ? TE.right(texts.get(path) as string) : missing(path),
    append: (path: string, text: string) =>
      TE.fromIO(() => void texts.set(path, (texts.get(path) ?? "") + text)),
  } as Partial<Files> as Files,
});
const oracle: Judge = {
  id: "oracle",
  text: ({ prediction }) => RTE.right(prediction === "p" ? 0.5 : null),
  segments: (_, segments) => RTE.right(segments.map((_, i) => i === 0 ? 1 : null)),
};

describe("recording() and readRecordedJudge()", () => {
  it("give back what the judge said, and null for what it was not asked", async () => {
    const world = memoryFiles(new Map());
    const judge = recording(oracle, "judge.jsonl");
    await succeed(judge.text(item), world);
    await succeed(judge.text({ ...item, prediction: "x", rubric: "rewrite" }), world);
    await succeed(judge.segments(image, ["a", "b"]), world);
    const recorded = await succeed(readRecordedJudge("judge.jsonl"), world);
    assert.deepEqual([recorded.id, recorded.records], ["recorded: oracle", 3]);
    assert.equal(await succeed(recorded.text({ ...item, rubric: "answer" }), {}), 0.5);
    assert.equal(await succeed(recorded.text({ ...item, rubric: "rewrite" }), {}), null);
    assert.deepEqual(await succeed(recorded.segments(image, ["a", "b"]), {}), [1, null]);
    assert.deepEqual(await succeed(recorded.segments(image, ["a"]), {}), [null]);
  });
  it("name the line that is wrong", async () => {
    const world = memoryFiles(new Map([["j", '{"v":1,"judge":"me","kind":"text"}\n']]));
    const error = await fail(readRecordedJudge("j"), world);
    assert.ok(error._tag === "InputInvalid" && error.where === "j:1", JSON.stringify(error));
    assert.equal((await fail(readRecordedJudge("gone"), world))._tag, "FileMissing");
  });
});

describe("judgeFromRecords()", () => {
  const digest = createHash("sha256").update(image.bytes).digest("hex");
  const record = { v: 1, judge: "me", kind: "segments", image: digest, segments: ["a", "b"] } as const;
  it("takes the later of two records, by the digest of the picture", async () => {
    const segments = [...record.segments];
    const judge = judgeFromRecords([{ ...record, segments, scores: [0, 0] }, {
      ...record,
      segments,
      scores: [1, 0.5],
    }]);
    assert.deepEqual(await succeed(judge.segments(image, ["a", "b"]), {}), [1, 0.5]);
    assert.deepEqual(await succeed(judge.segments({ ...image, bytes: Uint8Array.of(3) }, ["a", "b"]), {}), [
      null,
      null,
    ]);
  });
  it("ignores a record whose scores don't match its segments", async () => {
    const judge = judgeFromRecords([{ ...record, segments: [...record.segments], scores: [1] }]);
    assert.deepEqual(await succeed(judge.segments(image, ["a", "b"]), {}), [null, null]);
  });
});
