import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { settingsFile } from "../../lib/training/settings_file.ts";
import { memoryFiles } from "../run/memory_files.ts";
import { problem, right } from "../run/outcome.ts";

const files = memoryFiles();
for (const root of ["runs", "elsewhere"]) {
  right(await files.makeFolder(`${root}/a/checkpoints/step-000001`)());
  right(await files.writeAtomic(`${root}/a/config.yaml`, "")());
  right(await files.writeAtomic(`${root}/latest`, "a\n")());
}
const find = (resume: string, { given = "", overrides = [] as readonly string[] } = {}) =>
  settingsFile(given, { resume, overrides, standard: "configs/nano.yaml" })({ files })();

describe("settingsFile()", () => {
  it("is the file that is given, else the standard one", async () => {
    assert.equal(right(await find("", { given: "mine.yaml" })), "mine.yaml");
    assert.equal(right(await find("a", { given: "mine.yaml" })), "mine.yaml");
    assert.equal(right(await find("")), "configs/nano.yaml");
  });
  it("is the run's own where a run goes on, however it is named", async () => {
    for (
      const resume of [
        "latest",
        "a",
        "runs/a",
        "runs/a/",
        "runs/a/checkpoints/step-000001",
        "runs/a/checkpoints",
      ]
    ) {
      assert.equal(right(await find(resume)), "runs/a/config.yaml", resume);
    }
  });
  it("looks where --set runs= says", async () => {
    assert.equal(
      right(await find("latest", { overrides: ["seed=1", "runs=elsewhere"] })),
      "elsewhere/a/config.yaml",
    );
  });
  it("says what is no run", async () => {
    assert.match(problem(await find("nobody")), /nobody: file not found; name a run folder/);
    assert.match(problem(await find("runs/a/checkpoints/step-000009")), /file not found/);
  });
});
