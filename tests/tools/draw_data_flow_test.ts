import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { arrowOf, dataFlowFigure, projectFigure, withFigure } from "../../tools/draw_data_flow.ts";
import { readSourceTree } from "../../tools/source_tree.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

describe("draw_data_flow", () => {
  it("reads what functions, curried functions and types of functions take and make", () => {
    const sources = [
      "export function go(\n  task: AskedTask,\n  to: (at: number) => void,\n): Checked<readonly Reasoned[]> {\n}",
      "const go =\n  ({ a }: Context) => (task: AskedTask): Stage<R, Reasoned> =>\n    run(task as Group);",
      "export type go = (\n  task: AskedTask,\n) => Checked<Reasoned>;\n",
      "const go = (task: AskedTask): Reasoned =>\n  made(task);",
    ];
    for (const source of sources) {
      assert.deepEqual(
        arrowOf(source, "go"),
        { stage: "go", takes: ["AskedTask"], makes: ["Reasoned"] },
        source,
      );
    }
    assert.throws(() => arrowOf("", "go"), RangeError);
  });

  it("draws stages as boxes between data", () => {
    assert.equal(
      dataFlowFigure([{ stage: "go", takes: ["Task"], makes: ["Group"] }]),
      '```mermaid\nflowchart TD\n  go[["go"]]\n  Task(Task) --> go\n  go --> Group(Group)\n```',
    );
  });

  it("every stage of the project takes and makes something, and the page shows the figure as it is now", async () => {
    const figure = projectFigure(await readSourceTree(root));
    for (const stage of ["sampleTask", "preview", "fillGroup", "rewarding", "weighting", "updating"]) {
      assert.match(figure, new RegExp(`--> ${stage}\\n`));
      assert.match(figure, new RegExp(`  ${stage} --> `));
    }
    const page = await Deno.readTextFile(`${root}/docs/architecture.md`);
    assert.equal(withFigure(page, figure), page, "run `deno run -A tools/draw_data_flow.ts`");
  });
});
