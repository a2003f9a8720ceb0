import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { arrowCount, handedOn, roomsOf, shortestWay } from "../../tools/measure_house.ts";

const tree = new Map([
  ["pipelines/train.ts", 'await import("../lib/training/train.ts");'],
  ["lib/training/train.ts", 'import { a } from "../method/one.ts";\nimport { b } from "../method/two.ts";'],
  ["lib/method/one.ts", 'import { loss } from "../rl/loss.ts";\nexport function a(): void {}\n'],
  ["lib/method/two.ts", "export const b = 1;\nexport type C = number;\n"],
  ["lib/method/mod.ts", 'export { a } from "./one.ts";\nexport { b, type C } from "./two.ts";\n'],
  ["lib/rl/loss.ts", "export const loss = 1;"],
  ["lab/dsog/study.ts", 'import { a } from "../../lib/method/one.ts";'],
]);

describe("measure_house", () => {
  it("handedOn() counts names, types included, not statements", () => {
    assert.equal(
      handedOn('export {\n  a,\n  type B,\n} from "./a.ts";\nexport type { C } from "./c.ts";'),
      3,
    );
  });

  it("roomsOf() says what a room holds and what is behind its door", () => {
    const method = roomsOf(tree).find(({ name }) => name === "lib/method");
    assert.deepEqual(method, { name: "lib/method", files: 3, lines: 6, exported: 3, door: 3 });
  });

  it("arrowCount() counts each pair of rooms once, of the library only", () => {
    assert.equal(arrowCount(tree), 2);
  });

  it("shortestWay() follows static and dynamic imports", () => {
    const way = shortestWay(tree, "pipelines/train.ts", (path) => path === "lib/rl/loss.ts");
    assert.deepEqual(way, [
      "pipelines/train.ts",
      "lib/training/train.ts",
      "lib/method/one.ts",
      "lib/rl/loss.ts",
    ]);
    assert.deepEqual(shortestWay(tree, "lib/rl/loss.ts", () => false), []);
  });
});
