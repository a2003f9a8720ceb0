/**
 * Measurements in processes of their own, so that none uses what another freed.
 *
 * @module
 */

/**
 * Runs a measurement in a process of its own; what it says on stderr is shown.
 *
 * @param words Its name and flags, as after `deno task bench`.
 * @returns Exit code and stdout.
 */
export async function runApart(
  words: readonly string[],
): Promise<{ readonly code: number; readonly out: string }> {
  const script = decodeURIComponent(new URL("main.ts", import.meta.url).pathname);
  const args = ["run", "-A", "--no-check", "--node-modules-dir=none", script, ...words];
  const { code, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  return { code, out: new TextDecoder().decode(stdout).trim() };
}
