import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { ROOT, runTask, scratchFolder, startTask } from "../support/command.ts";
import { writeTinyTraining } from "../support/tiny_training.ts";

const { relative, absolute } = scratchFolder();
const config = join(relative, "config.yaml");
const main = [
  ...["main", config, "--concepts", "mip", "--seeds", "1,2", "--tasks", "rea"],
  ...["--runs", join(relative, "runs"), "--out", join(relative, "out")],
];

before(async () => {
  await writeTinyTraining(relative, { rl: { max_steps: 2 } });
});

after(() => Deno.remove(absolute, { recursive: true }));

const runFolders = (): readonly string[] => {
  try {
    return [...Deno.readDirSync(join(absolute, "runs"))].filter(({ isDirectory }) => isDirectory).map((
      { name },
    ) => name);
  } catch {
    return [];
  }
};

const hasCheckpoint = (): boolean =>
  runFolders().some((name) => {
    try {
      return Deno.statSync(join(absolute, "runs", name, "checkpoints", "step-000000")).isDirectory;
    } catch {
      return false;
    }
  });

async function until(condition: () => boolean): Promise<void> {
  const begun = Date.now();
  while (!condition() && Date.now() - begun < 300_000) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(condition(), "nothing happened");
}

describe("deno task experiment", () => {
  it("main goes on where it was killed, and only reads when called a third time", async () => {
    const killed = startTask("experiment", ...main);
    await until(hasCheckpoint);
    killed.kill("SIGKILL");
    await killed.status;

    const { code, out, error } = await runTask("experiment", ...main);
    assert.equal(code, 0, error);
    assert.match(out, /^run 1 of 2: tiny-mip-s1; 2 to do/m);
    assert.equal(runFolders().length, 2, "the killed run was continued, not begun again");
    const table = JSON.parse(await Deno.readTextFile(join(absolute, "out", "table.json")));
    assert.deepEqual(
      table.runs.map(({ concept, seed }: { concept: string; seed: number }) => [concept, seed]),
      [["mip", 1], ["mip", 2]],
    );
    assert.deepEqual(table.rows.map(({ method }: { method: string }) => method), [
      "UniCTokens (cold start)",
      "+ UniCTask-GRPO",
      "+ UniCTask-GRPO − UniCTokens (cold start)",
    ]);
    assert.ok((await Deno.stat(join(absolute, "out", "grid.png"))).size > 100);

    const again = await runTask("experiment", ...main);
    assert.equal(again.code, 0, again.error);
    assert.match(again.out, /^2 of 2 runs are finished already/m);
    assert.doesNotMatch(again.out, /^run 1 of 2/m);
  });

  it("dsog simulates without a model", async () => {
    const out = join(relative, "dsog");
    const { code, error } = await runTask(
      "experiment",
      "dsog",
      config,
      "--prompts",
      "0",
      "--updates",
      "40",
      "--out",
      out,
    );
    assert.equal(code, 0, error);
    const names = [...Deno.readDirSync(join(ROOT, out))].map(({ name }) => name).filter((name) =>
      name !== "lock"
    ).sort();
    assert.deepEqual(names, [
      ...[
        "simulation-pass-rate.svg",
        "simulation-threshold.svg",
        "simulation.csv",
        "simulation.json",
        "summary.md",
      ],
    ]);
    const csv = (await Deno.readTextFile(join(ROOT, out, "simulation.csv"))).trim().split("\n");
    assert.equal(csv.length, 1 + 10 * 8 * 40);
  });

  it("explains each experiment, and refuses an unknown one in one line", async () => {
    for (const name of ["main", "ablations", "dsog", "run"]) {
      const { code, out } = await runTask("experiment", name, "--help");
      assert.equal(code, 0);
      assert.match(out, new RegExp(`^experiment ${name}: .+\\n\\nusage: deno task experiment ${name} `));
    }
    const { code, error } = await runTask("experiment", "mian");
    assert.equal(code, 3);
    assert.equal(error.trim(), 'error: experiment: unknown experiment "mian"; write main, ablations or dsog');
  });
});
