import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseConfigText, parseOverride, withOverrides } from "../../lib/config/document.ts";
import { describe as describeError } from "../../lib/core/error.ts";
import type { Checked } from "../../lib/core/stage.ts";

const right = <A>(value: Checked<A>): A => {
  if (value._tag === "Left") throw new Error(describeError(value.left));
  return value.right;
};
const problem = <A>(value: Checked<A>): string => value._tag === "Left" ? describeError(value.left) : "";

describe("document", () => {
  it("parseConfigText() remembers lines, also inside sections and lists", () => {
    const source = right(parseConfigText("# head\na: 1\nb:\n  c: 2\n  d:\n    - 5\n    - 6\n", "x.yaml"));
    assert.deepEqual(source.data, { a: 1, b: { c: 2, d: [5, 6] } });
    assert.equal(source.placeOf(["a"]), "line 2");
    assert.equal(source.placeOf(["b", "c"]), "line 4");
    assert.equal(source.placeOf(["b", "d", "1"]), "line 7");
    assert.equal(source.placeOf(["b", "missing"]), "line 3");
    assert.equal(source.placeOf(["missing"]), undefined);
  });

  it("parseConfigText() reads 1e-6 as a number and an empty file as no keys", () => {
    assert.deepEqual(right(parseConfigText("a: 1e-6\n", "x.yaml")).data, { a: 1e-6 });
    assert.deepEqual(right(parseConfigText("# nothing\n", "x.yaml")).data, {});
  });

  it("parseConfigText() refuses a repeated key, a broken line and a list, naming file and line", () => {
    assert.match(
      problem(parseConfigText("a: 1\na: 2\n", "x.yaml")),
      /^x\.yaml: line 2: Map keys must be unique/,
    );
    assert.match(problem(parseConfigText("a: [1\n", "x.yaml")), /^x\.yaml: line \d: /);
    assert.match(problem(parseConfigText("- 1\n", "x.yaml")), /^x\.yaml: expected keys and values/);
  });

  it("parseOverride() reads YAML values", () => {
    assert.deepEqual(right(parseOverride("a.b=1e-5")), { path: ["a", "b"], value: 1e-5 });
    assert.deepEqual(right(parseOverride("seeds=[1, 2]")), { path: ["seeds"], value: [1, 2] });
    assert.deepEqual(right(parseOverride("name=a=b")), { path: ["name"], value: "a=b" });
    assert.deepEqual(right(parseOverride("name=")), { path: ["name"], value: null });
  });

  it("parseConfigText() says that a text with YAML's own signs needs quotes", () => {
    for (const text of ["name: a: b", "name: @x", "name: *x"]) {
      assert.match(problem(parseConfigText(text, "x.yaml")), /x\.yaml: .*needs quotes/, text);
    }
  });

  it("parseOverride() refuses a text without a key", () => {
    for (const text of ["steps", "=3", "a..b=3"]) {
      assert.match(problem(parseOverride(text)), /expected key=value/);
    }
  });

  it("withOverrides() lays later values over earlier ones and knows where they came from", () => {
    const source = right(parseConfigText("a: 1\nb: {c: 2}\n", "x.yaml"));
    const changed = right(withOverrides(source, ["b.d=3", "a=4", "a=5"]));
    assert.deepEqual(changed.data, { a: 5, b: { c: 2, d: 3 } });
    assert.equal(changed.placeOf(["a"]), "--set a=5");
    assert.equal(changed.placeOf(["b", "c"]), "line 2");
    assert.deepEqual(source.data, { a: 1, b: { c: 2 } });
  });

  it("withOverrides() keeps the other names of a map's default", () => {
    const source = right(parseConfigText("", "x.yaml"));
    const maps = new Map([["weights", { clip: 1, dino: 2 }]]);
    assert.deepEqual(right(withOverrides(source, ["weights.clip=0"], maps)).data, {
      weights: { clip: 0, dino: 2 },
    });
  });
});
