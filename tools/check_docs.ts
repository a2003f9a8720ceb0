/**
 * Every exported symbol has a doc comment and a return type, by `deno doc --lint`.
 *
 * Its third rule, `private-type-ref`, reports every public type that mentions one of fp-ts; that one is left out.
 *
 * @module
 */
import type { SourceTree } from "./source_tree.ts";

const CODES = /^error\[(missing-jsdoc|missing-return-type)\]: (.*)$/;

/**
 * Picks the problems that count from the output of `deno doc --lint`.
 *
 * @param output Its stderr without colours.
 * @param tree The project; fields of an interface may go without a comment, so only lines that export count.
 * @param root The project's root, cut from paths.
 * @returns One line per problem.
 */
export function docProblems(output: string, tree: SourceTree, root: string): readonly string[] {
  const lines = output.split("\n");
  return lines.flatMap((line, index) => {
    const match = CODES.exec(line);
    if (match === null) return [];
    const place = (lines[index + 1] ?? "").replace(/^\s*-->\s*/, "").replace(`${root}/`, "");
    const [path, row] = place.split(":");
    const source = tree.get(path ?? "")?.split("\n")[Number(row) - 1] ?? "";
    return source.startsWith("export ") ? [`${place}: ${match[2]}`] : [];
  });
}

/**
 * Checks all modules of the library, the laboratory and the studio.
 *
 * @param root The project's root.
 * @returns One line per problem.
 */
export async function checkDocs(tree: SourceTree, root: string): Promise<readonly string[]> {
  const modules = [...tree.keys()].filter((path) =>
    /^(?:lib|lab|studio)\/.*\.ts$/.test(path) || path === "mod.ts"
  );
  const command = new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", ...modules],
    cwd: root,
    env: { NO_COLOR: "1" },
  });
  const { success, stderr } = await command.output();
  const output = new TextDecoder().decode(stderr);
  if (!success && !output.includes("error[")) return [`deno doc failed: ${output.trim().split("\n", 1)[0]}`];
  return docProblems(output, tree, root);
}
