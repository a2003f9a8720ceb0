import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import {
  codeCells,
  executionCounts,
  failedCells,
  notebookModule,
  runNotebook,
} from "../tools/run_notebooks.ts";

const folder = fileURLToPath(new URL("../notebooks/", import.meta.url));
const all = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".ipynb"));

const notebook = (source: string | readonly string[], outputs: readonly unknown[] = []): string =>
  JSON.stringify({
    cells: [{ cell_type: "markdown", source: "# a" }, { cell_type: "code", source, outputs }],
  });

describe("notebooks", () => {
  it("codeCells() reads lines and texts, and leaves prose out", () => {
    assert.deepEqual(codeCells(notebook(["const a = 1;\n", "a"])), ["const a = 1;\na"]);
    assert.deepEqual(codeCells(notebook("a")), ["a"]);
  });

  it("notebookModule() keeps the order of the cells", () => {
    const module = notebookModule(["first()", "second()"]);
    assert.ok(module.indexOf("first()") < module.indexOf("second()"));
  });

  it("failedCells() names a cell whose output is an error", () => {
    assert.deepEqual(failedCells(notebook("a", [{ output_type: "error" }])), [1]);
    assert.deepEqual(failedCells(notebook("a", [{ output_type: "stream" }])), []);
  });

  it("no notebook is committed with an error among its outputs, or without outputs", async () => {
    assert.equal(all.length, 5);
    for (const name of all) {
      const text = await Deno.readTextFile(folder + name);
      assert.deepEqual(failedCells(text), [], name);
      const counts = executionCounts(text);
      assert.deepEqual(counts, counts.map((_, index) => index + 1), `${name} was not run from top to bottom`);
      assert.ok(text.includes('"image/png"') || text.includes('"image/svg+xml"'), `${name} shows nothing`);
    }
  });

  it("runNotebook() says what went wrong in a cell", async () => {
    const temporary = await Deno.makeTempDir();
    await Deno.writeTextFile(`${temporary}/a.ipynb`, notebook('throw new Error("this cell is broken");'));
    const { ok, output } = await runNotebook(`${temporary}/a.ipynb`);
    await Deno.remove(temporary, { recursive: true });
    assert.equal(ok, false);
    assert.match(output, /this cell is broken/);
  });

  for (const name of ["03-one-update", "05-your-own-concept"]) {
    it(`${name} type-checks; CI runs it in the real kernel`, async () => {
      const { ok, output } = await runNotebook(`${folder}${name}.ipynb`, { typesOnly: true });
      assert.ok(ok, output);
    });
  }

  for (const name of ["01-rewards-and-advantages", "02-dsog-threshold", "04-your-own-reward"]) {
    it(`${name} type-checks and runs from top to bottom`, async () => {
      const { ok, output } = await runNotebook(`${folder}${name}.ipynb`);
      assert.ok(ok, output);
    });
  }
});
