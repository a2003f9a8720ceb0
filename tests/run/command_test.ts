import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";

const fixture = `${import.meta.dirname}/../fixtures/config`;
const run = async (...args: string[]): Promise<{ code: number; out: string; error: string }> => {
  const script = `${import.meta.dirname}/command_fixture.ts`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      "--node-modules-dir=none",
      "--allow-read",
      "--allow-write",
      "--allow-env=LOG_TOKENS,LOG_STREAM",
      script,
      ...args,
    ],
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await child.output();
  return { code, out: new TextDecoder().decode(stdout), error: new TextDecoder().decode(stderr) };
};

describe("command", () => {
  it("runs with a config and returns 0", async () => {
    const { code, out, error } = await run(`${fixture}/config_wrong_type.yaml`, "--set", "steps=3");
    assert.deepEqual([code, out, error], [0, "steps 3 seed 7\n", ""]);
  });

  it("prints help without loading anything", async () => {
    const { code, out } = await run("--help");
    assert.equal(code, 0);
    assert.match(out, /usage: deno task fixture \[config\] \[options\]/);
    assert.match(out, /learning_rate/);
  });

  it("answers bad input with one line on stderr and the code of its kind", async () => {
    const hostile = [
      [["--set", "steps=1", `${fixture}/config_unknown_key.yaml`], 2, /did you mean `learning_rate`\?$/],
      [[`${fixture}/config_wrong_type.yaml`], 2, /`steps`: expected an integer, got the string "twenty"$/],
      [["none.yaml"], 4, /^error: none\.yaml: file not found; /],
      [["--stpes"], 3, /^error: fixture: unknown option --stpes/],
      [["--fail", "stage"], 11, /^error: step 3: loss is NaN$/],
    ] as const;
    for (const [args, expected, pattern] of hostile) {
      const { code, out, error } = await run(...args);
      assert.equal(code, expected, error);
      assert.match(error.trimEnd(), pattern);
      assert.equal(error.trimEnd().split("\n").length, 1);
      assert.equal(out, "");
    }
  });

  it("a number from the body is the exit code, a thrown error is 70", async () => {
    assert.equal((await run("--fail", "check")).code, 1);
    assert.equal((await run("--fail", "throw")).code, 70);
  });

  for (const [signals, fail] of [["one signal", "interrupt"], ["two signals of one press", "interrupts"]]) {
    it(`Ctrl-C asks the stage to finish: ${signals}`, async () => {
      const { code, out, error } = await run("--fail", fail as string);
      assert.equal(code, 130);
      assert.equal(out, "saved\n");
      assert.match(
        error,
        /^warning: finishing what is under way.*\nerror: interrupted after step 1; continue with --resume\n$/,
      );
    });
  }
});
