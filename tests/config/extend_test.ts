import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { mergeData } from "../../lib/config/extend.ts";
import { field, section } from "../../lib/config/field.ts";
import { loadConfig } from "../../lib/config/load.ts";
import { describe as describeError } from "../../lib/core/error.ts";
import { memoryFiles } from "../run/memory_files.ts";

const schema = section("A run.", {
  seed: field.int({ default: 0, doc: "Seed." }),
  rl: section("Learning.", {
    steps: field.positiveInt({ default: 100, doc: "Updates." }),
    tasks: field.list(field.text({ doc: "" }), { default: [], doc: "Tasks." }),
  }),
});

async function load(
  texts: Readonly<Record<string, string>>,
  path: string,
  overrides: readonly string[] = [],
) {
  const entries = new Map(
    Object.entries(texts).map(([name, text]) => [name, new TextEncoder().encode(text)]),
  );
  const outcome = await loadConfig(schema, { path, overrides })({ files: memoryFiles({ entries }) })();
  return outcome._tag === "Right" ? outcome.right : describeError(outcome.left);
}

const base = "seed: 3\nrl:\n  steps: 7\n  tasks: [a, b]\n";

describe("extends", () => {
  it("keeps what the file does not change; lists are replaced, overrides win", async () => {
    const texts = {
      "configs/base.yaml": base,
      "configs/more/a.yaml": "extends: ../base.yaml\nrl:\n  tasks: [c]\n",
    };
    assert.deepEqual(await load(texts, "configs/more/a.yaml"), { seed: 3, rl: { steps: 7, tasks: ["c"] } });
    assert.deepEqual(await load(texts, "configs/more/a.yaml", ["seed=9"]), {
      seed: 9,
      rl: { steps: 7, tasks: ["c"] },
    });
  });

  it("goes through several files", async () => {
    const texts = {
      "a.yaml": "extends: b.yaml\nseed: 1",
      "b.yaml": "extends: c.yaml\nrl: { steps: 2 }",
      "c.yaml": base,
    };
    assert.deepEqual(await load(texts, "a.yaml"), { seed: 1, rl: { steps: 2, tasks: ["a", "b"] } });
  });

  it("places a problem in the file that has it", async () => {
    const wrong = {
      "a.yaml": "extends: b.yaml\nseed: 1",
      "b.yaml": "extends: c.yaml\nseed: 2",
      "c.yaml": "seed: 1\nrl:\n  steps: x",
    };
    assert.equal(
      await load(wrong, "a.yaml"),
      'a.yaml: in c.yaml, line 3: `rl.steps`: expected an integer, got the string "x"',
    );
    assert.match(
      await load({ ...wrong, "c.yaml": base, "a.yaml": "extends: b.yaml\nsead: 1" }, "a.yaml") as string,
      /^a\.yaml: line 2: unknown key `sead`, did you mean `seed`/,
    );
  });

  it("names a circle", async () => {
    const texts = { "x/a.yaml": "extends: b.yaml", "x/b.yaml": "seed: 2\nextends: ../x/a.yaml" };
    assert.equal(
      await load(texts, "x/a.yaml"),
      "x/b.yaml: line 2: `extends`: x/a.yaml → x/b.yaml → x/a.yaml is a circle; one of them must not extend another",
    );
    assert.match(
      await load({ "a.yaml": "extends: ./a.yaml" }, "a.yaml") as string,
      /a\.yaml → a\.yaml is a circle/,
    );
  });

  it("names a file that is not there, and a value that is no path", async () => {
    assert.equal(
      await load({ "c/a.yaml": "extends: none.yaml" }, "c/a.yaml"),
      "c/a.yaml: line 1: `extends`: there is no c/none.yaml; the path is read from this file's folder",
    );
    assert.equal(
      await load({ "a.yaml": "extends: 3" }, "a.yaml"),
      "a.yaml: line 1: `extends`: expected the path of a YAML file, got the number 3",
    );
    assert.match(
      await load({ "a.yaml": "extends: b.yaml", "b.yaml": "- 1" }, "a.yaml") as string,
      /^b\.yaml: expected keys/,
    );
  });
});

describe("mergeData()", () => {
  const tree = fc.letrec<{ node: Record<string, unknown> }>((tie) => ({
    node: fc.dictionary(
      fc.constantFrom("a", "b", "c"),
      fc.oneof(fc.integer(), fc.array(fc.integer()), tie("node")),
      {
        maxKeys: 3,
        noNullPrototype: true,
      },
    ),
  })).node;

  it("changes nothing with nothing, is idempotent, and keeps all of the changes", () => {
    fc.assert(fc.property(tree, tree, (below, changes) => {
      assert.deepEqual(mergeData(below, {}), below);
      assert.deepEqual(mergeData({}, changes), changes);
      const once = mergeData(below, changes);
      assert.deepEqual(mergeData(once, changes), once);
    }));
  });
});
