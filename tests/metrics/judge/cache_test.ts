import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { judgeKey, type JudgeQuestion, memoryCache } from "../../../lib/metrics/judge/cache.ts";

const question: JudgeQuestion = { model: "m", rubricVersion: "1", prompt: "pé", image: Uint8Array.of(1, 2) };

describe("judgeKey()", () => {
  it("is the digest of the parts with their byte lengths", () => {
    const expected = createHash("sha256").update("1:m1:13:pé2:").update(Uint8Array.of(1, 2)).digest("hex");
    assert.equal(judgeKey(question), expected);
  });
  it("changes with every part, and is blind to nothing at a boundary", () =>
    fc.assert(
      fc.property(
        fc.tuple(fc.string(), fc.string(), fc.string()),
        fc.tuple(fc.string(), fc.string(), fc.string()),
        (a, b) => {
          const key = ([model, rubricVersion, prompt]: readonly [string, string, string]): string =>
            judgeKey({ model, rubricVersion, prompt, image: null });
          assert.equal(key(a) === key(b), JSON.stringify(a) === JSON.stringify(b));
        },
      ),
    ));
  it("tells no picture from an empty one", () =>
    assert.notEqual(
      judgeKey({ ...question, image: null }),
      judgeKey({ ...question, image: new Uint8Array() }),
    ));
});

describe("memoryCache()", () => {
  it("finds what was stored", async () => {
    const cache = memoryCache();
    const reply = { reply: "1", promptTokens: 3, completionTokens: 1 };
    assert.deepEqual(await cache.find("k")(), { _tag: "Right", right: null });
    await cache.store("k", question, reply)();
    assert.deepEqual(await cache.find("k")(), { _tag: "Right", right: reply });
  });
});
