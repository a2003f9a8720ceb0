import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { keyFromSeed, normals } from "../../lib/core/key.ts";
import { kMeans } from "../../lib/cold_start/k_means.ts";

const at = (...values: number[]): Float32Array => Float32Array.of(...values);
const distance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, x, i) => sum + (x - (b[i] ?? 0)) ** 2, 0);

describe("kMeans()", () => {
  it("finds well separated clusters", () => {
    const noise = normals(keyFromSeed(1), 120);
    const corners = [at(0, 0), at(50, 0), at(0, 50)];
    const points = Array.from({ length: 60 }, (_, index) => {
      const corner = corners[index % 3] as Float32Array;
      return { at: corner.map((value, axis) => value + (noise[index * 2 + axis] as number)), weight: 1 };
    });
    const centres = kMeans(points, { clusters: 3, key: keyFromSeed(2) });
    for (const corner of corners) assert.ok(centres.some((centre) => distance(centre, corner) < 1));
  });
  it("counts a point of weight w like w points", () => {
    const options = { clusters: 1, key: keyFromSeed(1) };
    const [weighted] = kMeans([{ at: at(0), weight: 3 }, { at: at(4), weight: 1 }], options);
    assert.deepEqual([...weighted ?? []], [1]);
  });
  it("ends where every centre is the mean of its own points", () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.float({ min: -9, max: 9, noNaN: true }), fc.integer({ min: 1, max: 5 })), {
          minLength: 4,
          maxLength: 20,
        }),
        (rows) => {
          const points = rows.map(([x, weight]) => ({ at: at(x), weight }));
          const centres = kMeans(points, { clusters: 3, key: keyFromSeed(5), tolerance: 0 });
          const own = points.map((point) => {
            const distances = centres.map((centre) => distance(point.at, centre));
            return distances.indexOf(Math.min(...distances));
          });
          centres.forEach((centre, index) => {
            const mine = points.filter((_, i) => own[i] === index);
            const total = mine.reduce((sum, { weight }) => sum + weight, 0);
            const mean = mine.reduce((sum, point) => sum + point.weight * (point.at[0] as number), 0) / total;
            if (mine.length > 0) assert.ok(Math.abs(mean - (centre[0] as number)) < 1e-4);
          });
        },
      ),
    ));
  it("repeats centres where there are fewer different points", () => {
    const centres = kMeans([{ at: at(1), weight: 1 }, { at: at(1), weight: 1 }], {
      clusters: 4,
      key: keyFromSeed(1),
    });
    assert.deepEqual(centres.map(([x]) => x), [1, 1, 1, 1]);
  });
});
