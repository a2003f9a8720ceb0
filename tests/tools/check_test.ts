import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { uncommentedKeys } from "../../tools/check_config_comments.ts";
import { checkDocTags, emptyTags } from "../../tools/check_doc_tags.ts";
import { checkEquations } from "../../tools/check_equations.ts";
import { docProblems } from "../../tools/check_docs.ts";
import { checkLayers, findCircles, importsOf } from "../../tools/check_layers.ts";
import { checkWords } from "../../tools/check_words.ts";
import { countTests } from "../../tools/junit_summary.ts";

const tree = (files: Readonly<Record<string, string>>) => new Map(Object.entries(files));

describe("check_layers", () => {
  it("importsOf() sees static, type-only and dynamic imports, and no comments", () => {
    const text =
      `import a from "./a.ts";\nimport type { B } from "../core/b.ts";\nexport * from "./c.ts";\n` +
      `/* import x from "./x.ts"; */ const d = await import("./d.ts"); import "./e.ts"; import f from "npm";`;
    assert.deepEqual(importsOf("lib/run/m.ts", text), [
      "lib/run/a.ts",
      "lib/core/b.ts",
      "lib/run/c.ts",
      "lib/run/d.ts",
      "lib/run/e.ts",
    ]);
  });

  it("checkLayers() allows downwards, refuses upwards, sideways and unknown rooms", () => {
    const problems = checkLayers(tree({
      "lib/run/a.ts": `import "../core/b.ts";`,
      "lib/core/b.ts": `import "../run/c.ts";`,
      "lib/world/c.ts": `import "../concept/d.ts";`,
      "lib/attic/e.ts": "",
    }));
    assert.deepEqual(problems, [
      "lib/core/b.ts: imports lib/run/c.ts, which lies above",
      "lib/world/c.ts: imports lib/concept/d.ts, a room of the same level",
      "lib/attic/e.ts: the room lib/attic is not in the list of rooms",
    ]);
  });

  it("checkLayers() keeps experts and the laboratory apart from what may not know them", () => {
    const problems = checkLayers(tree({
      "lib/experts/clip/a.ts": `import "../shared/b.ts"; import "../face/c.ts";`,
      "lib/training/d.ts": `import "../../lab/parity/e.ts";`,
    }));
    assert.deepEqual(problems, [
      "lib/experts/clip/a.ts: imports lib/experts/face/c.ts, which belongs to another expert",
      "lib/training/d.ts: imports lab/parity/e.ts, which lies above",
    ]);
  });

  it("findCircles() names the modules of a circle once", () => {
    const circles = findCircles(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b", "d"]], ["d", []]]));
    assert.deepEqual(circles, ["circle: b → c → b"]);
  });
});

describe("check_config_comments", () => {
  it("takes a comment above a key or behind it", () => {
    const text = "# Seed.\nseed: 1\nsteps: 3\nweights:  # per expert\n  clip: 1\n";
    assert.deepEqual(uncommentedKeys("configs/a.yaml", text), [
      "configs/a.yaml:3: `steps` has no comment",
      "configs/a.yaml:5: `clip` has no comment",
    ]);
  });
});

describe("check_words", () => {
  it("finds open ends and paths of a computer, and lets examples be", () => {
    const open = "TO" + "DO";
    const path = "/ho" + "me/anna/photos";
    const problems = checkWords(tree({ "a.ts": `// ${open} later\n"${path}"\n"/home/me/x"\nx/home/y\n` }));
    assert.deepEqual(problems.map((line) => line.split(":").slice(0, 3).join(":")), [
      "a.ts:1: an open end",
      "a.ts:2: an absolute path",
    ]);
  });
});

describe("check_doc_tags", () => {
  const lines = (...tags: readonly string[]): string => tags.map((tag) => ` * @${tag}`).join("\n");

  it("emptyTags() finds an article and a noun, and sentences that only repeat the name", () => {
    const text = lines(
      "param key The key.",
      "param runtime The model",
      "param imageTokens Tokens of the image.",
    );
    assert.deepEqual(emptyTags(text), [0, 1, 2]);
  });

  it("emptyTags() leaves shapes, symbols, ranges and longer sentences alone", () => {
    const text = lines(
      "param epsilon ε.",
      "param rewards `[B * G]`.",
      "param key Two words.",
      "returns Hidden states.",
    );
    assert.deepEqual(emptyTags(text), []);
    assert.deepEqual(emptyTags(" * @param scene The scene\n *   that is drawn."), []);
  });

  it("checkDocTags() names file and line", () => {
    const tree = new Map([["lib/a.ts", `/**\n${lines("param key The key.")}\n */`]]);
    assert.match(checkDocTags(tree)[0] ?? "", /^lib\/a\.ts:2: this tag only repeats the name: @param key/);
  });
});

describe("check_equations", () => {
  const index = "| eq 1–21 | all | `lib/a.ts` | |";
  const problems = (source: string, page = ""): readonly string[] =>
    checkEquations(new Map([["lib/a.ts", source], ["docs/paper-index.md", index], ["docs/method.md", page]]));

  it("is silent if each equation is cited once", () => {
    assert.deepEqual(problems("// Source: UniCTokens-R1, eq 1–20.\n// Source: UniCTokens-R1, eq 21."), []);
  });

  it("names equations that are cited twice or nowhere", () => {
    assert.deepEqual(problems("// UniCTokens-R1, eq 1–20\n// UniCTokens-R1, eq 7"), [
      "eq 7: cited at 2 places of lib: lib/a.ts:1, lib/a.ts:2",
      "eq 21: cited at 0 places of lib: ",
    ]);
  });

  it("names citations of sections and pages that no reader has", () => {
    const source = "// UniCTokens-R1, eq 1–21; method §5, method §9; model.md §2";
    assert.deepEqual(problems(source, "## §5 Screening"), [
      "lib/a.ts:1: cites model.md §, which no reader has",
      "lib/a.ts:1: docs/method.md has no §9",
    ]);
  });
});

describe("check_docs", () => {
  it("keeps missing comments of exported symbols, drops those of fields and private types", () => {
    const output = [
      "error[missing-jsdoc]: exported symbol is missing JSDoc documentation",
      " --> /root-of/lib/a.ts:2:1",
      "error[missing-jsdoc]: exported symbol is missing JSDoc documentation",
      " --> /root-of/lib/a.ts:3:3",
      "error[private-type-ref]: public type 'x' references private type 'y'",
      " --> /root-of/lib/a.ts:2:1",
    ].join("\n");
    const problems = docProblems(
      output,
      tree({ "lib/a.ts": "\nexport interface A {\n  b: 1;\n}" }),
      "/root-of",
    );
    assert.deepEqual(problems, ["lib/a.ts:2:1: exported symbol is missing JSDoc documentation"]);
  });
});

describe("junit_summary", () => {
  it("countTests() counts steps, not the groups around them", () => {
    const xml =
      `<testcase name="group" time="1">\n</testcase><testcase name="group &gt; a" x="1">\n</testcase>` +
      `<testcase name="group &gt; b" x="1">\n<failure message="no">..</failure></testcase>` +
      `<testcase name="alone" x="1"/><testcase name="later" x="1"><skipped/></testcase>`;
    assert.deepEqual(countTests(xml), { passed: 2, failed: 1 });
    assert.deepEqual(countTests(""), { passed: 0, failed: 0 });
  });
});
