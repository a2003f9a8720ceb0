import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { faceRows, stretched } from "../../lib/cold_start/face_rows.ts";
import { assertClose } from "../support/fixture.ts";

const norm = (row: Float32Array): number => Math.hypot(...row);

describe("stretched()", () => {
  it("keeps a vector of the wanted width and its ends otherwise", () => {
    const vector = Float32Array.of(3, 1, 4, 1);
    assert.deepEqual(stretched(vector, 4), vector);
    const wide = stretched(vector, 64);
    assert.deepEqual([wide[0], wide[63]], [3, 1]);
  });
});

describe("faceRows()", () => {
  const replaced = [Float32Array.of(3, 4, 0, 0), Float32Array.of(0, 0, 0, 2)];
  it("cuts the mean face into rows, each as long as the row that it replaces", () => {
    const faces = [Float32Array.of(1, 1, 0, 1), Float32Array.of(1, 3, 0, 1)];
    const rows = faceRows(faces, replaced) ?? [];
    assertClose(rows.map(norm), [5, 2], 1e-5);
    const direction = stretched(Float32Array.of(1, 2), 4);
    assertClose(rows[0] ?? [], direction.map((value) => value * 5 / norm(direction)), 1e-5);
  });
  it("is null without a face", () => assert.equal(faceRows([], replaced), null));
});
