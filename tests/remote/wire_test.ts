import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import fc from "fast-check";
import { photoMemory, readRequest, readScores, replyBody, requestBody } from "../../lib/remote/wire.ts";
import { rowsWith } from "./remote_world.ts";

describe("requestBody() and readRequest()", () => {
  it("give back the same rows, pictures bit for bit", () => {
    const [first, second] = rowsWith("red hat", "") as [
      ReturnType<typeof rowsWith>[0],
      ReturnType<typeof rowsWith>[0],
    ];
    const rows = [{ ...first, explicitPrompt: "a photo of a dog, “red”" }, second];
    assert.deepEqual(readRequest(requestBody(rows, { photos: true }), photoMemory()), E.right(rows));
  });

  it("send a concept once, and its photos only where they are wanted", () => {
    const body = JSON.parse(requestBody(rowsWith("a", "b", "c"), { photos: false }));
    assert.deepEqual(body.concepts, [{
      id: "bo",
      token: "<bo>",
      class_name: "dog",
      category: "animal",
      photos: [],
    }]);
    assert.deepEqual(body.rows.map(({ concept }: { concept: number }) => concept), [0, 0, 0]);
  });

  it("give the same array for the same photos, and forget the oldest", () => {
    const memory = photoMemory(1);
    const body = requestBody(rowsWith("a"), { photos: true });
    const photos = (text: string) => {
      const rows = readRequest(text, memory);
      assert.ok(E.isRight(rows));
      return rows.right[0]?.concept.references;
    };
    const first = photos(body);
    assert.equal(photos(body), first);
    photos(requestBody(rowsWith("a"), { photos: false }));
    assert.notEqual(photos(body), first);
  });

  it("say where a request is wrong", () => {
    const body = JSON.parse(requestBody(rowsWith("a"), { photos: true }));
    const problem = (change: unknown): string => {
      const read = readRequest(typeof change === "string" ? change : JSON.stringify(change), photoMemory());
      return E.isLeft(read) ? read.left : "right";
    };
    const row = body.rows[0];
    assert.equal(problem("<html>"), "is no JSON");
    assert.equal(problem({ ...body, protocol: 2 }), "is not as the protocol has it at protocol");
    assert.equal(
      problem({ ...body, rows: [{ ...row, answer: 7 }] }),
      "is not as the protocol has it at rows.0.answer",
    );
    assert.match(problem({ ...body, rows: [{ ...row, concept: 3 }] }), /^rows\[0\] names a concept/);
    assert.equal(problem({ ...body, rows: [{ ...row, image: "é" }] }), "rows[0].image is no base64");
    assert.match(problem({ ...body, rows: [{ ...row, image: "AAAA" }] }), /^rows\[0\]\.image: /);
  });
});

describe("replyBody() and readScores()", () => {
  it("give back the same bits; NaN travels as null", () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noDefaultInfinity: true })), (values) => {
        const scores = Float32Array.from(values, (value) => value + 0);
        const back = readScores(replyBody(scores), scores.length);
        assert.ok(E.isRight(back));
        assert.deepEqual(back.right, scores.map((value) => value === 0 ? 0 : value));
      }),
    );
    assert.equal(replyBody(Float32Array.of(NaN, 0.5)), '{"scores":[null,0.5]}');
  });

  it("say what is wrong with a reply", () => {
    const problem = (body: string): string => {
      const read = readScores(body, 2);
      return E.isLeft(read) ? read.left : "right";
    };
    assert.equal(problem('{"scores": [1]}'), "has 1 scores for 2 rows");
    assert.match(problem('{"scores": [NaN, 1]}'), /^has NaN or Infinity .* write null$/);
    assert.match(problem("<!DOCTYPE html><p>NaN"), /^is a web page, not JSON/);
    assert.match(problem('{"scores": ["1", 2]}'), /^has "1" as scores\[0\]/);
    assert.match(problem('{"scores": [1, 1e39]}'), /^has 1e\+39 as scores\[1\]/);
    assert.match(problem('{"score": [1, 2]}'), /^has no list "scores"/);
    assert.match(problem("7"), /^has no list "scores"/);
    assert.equal(problem(""), "is empty");
    assert.equal(problem("OK"), 'is no JSON: "OK"');
  });
});
