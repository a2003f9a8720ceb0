import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";

const fixture = `${import.meta.dirname}/status_fixture.ts`;
const permissions = ["--allow-read", "--allow-env=CI,LOG_TOKENS,LOG_STREAM"];
const command = ["run", "--no-check", "--node-modules-dir=none", ...permissions, fixture];

/** Starts a program on a terminal of its own. */
const ON_A_TERMINAL = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";

async function show(
  where: "terminal" | "pipe",
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const [program, ...rest] = where === "terminal"
    ? ["python3", "-c", ON_A_TERMINAL, Deno.execPath(), ...command, ...args]
    : [Deno.execPath(), ...command, ...args];
  const clean = Object.entries(Deno.env.toObject()).filter(([name]) => name !== "CI" && name !== "NO_COLOR");
  const { code, stdout } = await new Deno.Command(program as string, {
    ...{ args: rest, clearEnv: true, env: { ...Object.fromEntries(clean), ...env }, stdin: "null" },
  }).output();
  assert.equal(code, 0);
  return new TextDecoder().decode(stdout).replaceAll("\r", "");
}

const hasPython = async (): Promise<boolean> => {
  try {
    return (await new Deno.Command("python3", { args: ["-c", "import pty"] }).output()).success;
  } catch {
    return false;
  }
};

const PARTS = [
  ...["step 2/30", "1 min 52 s left", "reward 0.520 ± 0.100", "tier 0.600", "ber 0.400"],
  ...["kl 0.0123", "pass rate 25 % (target 25 %)", "threshold 0.310", "1,234 tokens/s", "memory 2.0 GB"],
];
const REDRAW = "\x1b[4A\x1b[0J";

const python = await hasPython();

describe("what a person sees while a run trains", () => {
  const ignore = !python;

  it("one block that is redrawn in place on a terminal", { ignore }, async () => {
    const text = await show("terminal");
    assert.ok(text.includes(REDRAW), text);
    for (const part of PARTS) assert.ok(text.includes(part), `${part} in ${text}`);
  });

  for (const env of [{ NO_COLOR: "1" }, { CI: "true" }]) {
    it(`plain lines on a terminal with ${Object.keys(env)}`, { ignore }, async () => {
      const text = await show("terminal", [], env);
      assert.ok(!text.includes("\x1b"), JSON.stringify(text));
      assert.match(text, /^step 1\/30 .* \| reward .* \| kl .*\n(step 2.*\n)?saved\ndone\n$/);
    });
  }

  it("plain lines where the output is no terminal", async () => {
    assert.match(await show("pipe"), /^step 1\/30 [^\n]* \| reward 0\.510[^\n]*\nsaved\ndone\n$/);
  });

  it("--quiet leaves answers", async () => {
    assert.equal(await show("pipe", ["--quiet"]), "done\n");
  });

  it("--json is one object per line", async () => {
    const lines = (await show("pipe", ["--json"])).trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ level }) => level), ["progress", "info", "output"]);
  });
});
