import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import plugin from "../../tools/lint_house.ts";

const lint = (path: string, source: string): string[] =>
  Deno.lint.runPlugin(plugin, `/project/${path}`, source).map(({ id }) => id);

describe("lint_house", () => {
  it("refuses effects in the library outside the places for them", () => {
    assert.deepEqual(lint("lib/rl/a.ts", "const a = Math.random() + Date.now();"), [
      "house/ambient-effects",
      "house/ambient-effects",
    ]);
    assert.deepEqual(lint("lib/rl/a.ts", "Deno.readTextFile('x'); new Date(); fetch('x');").length, 3);
    assert.deepEqual(lint("lib/rl/a.ts", "new Date(3); Math.sqrt(2);"), []);
    assert.deepEqual(lint("lib/run/live.ts", "Deno.readTextFile('x');"), []);
    assert.deepEqual(lint("pipelines/train.ts", "console.log(1);"), []);
  });

  it("refuses long functions and long files, also nested ones", () => {
    const body = "x();\n".repeat(41);
    assert.deepEqual(lint("lib/a/a.ts", `function f() {\n${body}}`), ["house/function-length"]);
    assert.deepEqual(lint("lib/a/a.ts", `const f = () => {\n${body}};`), ["house/function-length"]);
    assert.deepEqual(lint("lib/a/a.ts", "x();\n".repeat(401)), ["house/file-length"]);
    assert.deepEqual(lint("tests/a/a_test.ts", `f(() => {\n${body}});`), []);
  });

  it("asks for the house form of exports, imports and parameters", () => {
    assert.deepEqual(lint("lib/a/a.ts", "export const f = (x) => x;"), ["house/export-form"]);
    assert.deepEqual(lint("lib/a/a.ts", 'import * as E from "fp-ts/Either";'), ["house/import-form"]);
    assert.deepEqual(lint("lib/a/a.ts", 'import * as E from "fp-ts/lib/Either.js";'), []);
    assert.deepEqual(lint("lib/a/a.ts", 'import x from "npm:yaml@2";'), ["house/import-form"]);
    assert.deepEqual(lint("lib/a/a.ts", "function f(a, b, c, d, e) {}"), ["house/parameter-count"]);
  });

  it("asks for one dialect of stages", () => {
    assert.deepEqual(lint("lib/a/a.ts", "const a = b as Stage<C, number>;"), ["house/one-dialect"]);
    assert.deepEqual(lint("lib/a/a.ts", "RTE.bind('a', f); TE.chain(f); RTE.chainFirst(f);").length, 3);
    assert.deepEqual(
      lint("lib/a/a.ts", "RTE.bindW('a', f); TE.flatMap(f); const a: Stage<C, number> = b;"),
      [],
    );
  });
});
