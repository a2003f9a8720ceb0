import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Outcome, runTask } from "../support/command.ts";

const fixtures = new URL("../fixtures/", import.meta.url).pathname;
const run = (...args: readonly string[]): Promise<Outcome> => runTask("parity", ...args);

describe("deno task parity", () => {
  it("prints a table and succeeds", async () => {
    const { code, out } = await run(`${fixtures}experts/dinov2/`, "--compile", "off");
    assert.equal(code, 0, out);
    assert.match(out, /case +quantity +difference +tolerance +verdict/);
    assert.match(out, /dinov2 direct_nonsquare +last_hidden_state +\S+ +1\.0e-4 +ok/);
    assert.match(out, /59 comparisons, all within tolerance/);
  });

  it("ends with 1 if a number is off, and lists the failures alone where asked", async () => {
    const folder = await Deno.makeTempDir();
    for (const { name } of Deno.readDirSync(`${fixtures}experts/ernie`)) {
      await Deno.copyFile(`${fixtures}experts/ernie/${name}`, `${folder}/${name}`);
    }
    const path = `${folder}/cases.json`;
    const cases = JSON.parse(await Deno.readTextFile(path));
    cases.cases[0].input_ids[1] += 1;
    await Deno.writeTextFile(path, JSON.stringify(cases));
    await Deno.mkdir(`${folder}/all`);
    await Deno.symlink(folder, `${folder}/all/ernie`);
    const { code, out } = await run(`${folder}/all`, "--compile", "off", "--failures");
    await Deno.remove(folder, { recursive: true });
    assert.equal(code, 1, out);
    assert.match(out, /ernie text00 +token ids +1\.0e\+0 +0 +FAILED/);
    assert.doesNotMatch(out, /ernie text01/);
    assert.match(out, /98 comparisons, \d+ outside tolerance/);
  });

  it("explains itself and refuses a folder without cases", async () => {
    const help = await run("--help");
    assert.equal(help.code, 0);
    assert.match(help.out, /usage: deno task parity <folder>/);
    const { code, error } = await run(`${fixtures}images`);
    assert.equal(code, 4);
    assert.match(error, /images\/cases\.json: file not found/);
  });
});
