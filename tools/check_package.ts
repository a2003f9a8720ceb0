/**
 * `deno task package`: what users get from a registry can be made: publishing, the npm tarball, the API pages.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** The modules behind the names of `exports` in deno.json. */
function doors(): readonly string[] {
  const text = Deno.readTextFileSync(new URL("../deno.json", import.meta.url));
  return Object.values((JSON.parse(text) as { readonly exports: Readonly<Record<string, string>> }).exports);
}

/** Name → arguments of `deno`; nothing is published and no tarball is left behind. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  "deno publish": ["publish", "--dry-run", "--allow-dirty"],
  "deno pack": ["pack", "--dry-run", "--allow-dirty"],
  "deno doc": ["doc", "--html", "--name=UniCTokens-R1", "--output=.cache/docs", ...doors()],
};

/** Reward modules and the like are named by the user when a command runs: nobody can know their address before. */
const EXPECTED = "warning[unanalyzable-dynamic-import]";

/**
 * Picks what must not be there from the output of a command.
 *
 * @param output Its stdout and stderr without colours.
 * @returns Its warnings and errors, one line each.
 */
export function complaints(output: string): readonly string[] {
  return output.split("\n").filter((line) =>
    /^\s*(warning|error)\b/i.test(line) && !line.trim().startsWith(EXPECTED)
  );
}

if (import.meta.main) {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  let failures = 0;
  for (const [name, args] of Object.entries(COMMANDS)) {
    const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd, env: { NO_COLOR: "1" } });
    const { success, stdout, stderr } = await command.output();
    const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    const problems = success ? complaints(output) : output.trim().split("\n");
    console.log(`${name}: ${success && problems.length === 0 ? "ok" : "FAILED"}`);
    for (const problem of problems) console.log(`  ${problem}`);
    failures += success && problems.length === 0 ? 0 : 1;
  }
  if (failures > 0) Deno.exit(1);
}
