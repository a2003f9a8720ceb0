/**
 * Runs notebooks without Jupyter: their code cells, in order, as one module each.
 *
 * Where Jupyter's client can be installed, `tools/execute_notebooks.py` runs them in the real kernel instead.
 *
 * ```text
 * deno run -A tools/run_notebooks.ts [notebook.ipynb …]      all of notebooks/ if none is named
 * ```
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A cell of a notebook file; a source may be one text or a list of lines. */
interface Cell {
  readonly cell_type: string;
  readonly source: string | readonly string[];
  readonly execution_count?: number | null;
  readonly outputs?: readonly { readonly output_type: string }[];
}

/** What stands in for the kernel, whose `Deno.jupyter` throws elsewhere: nothing is shown. */
const KERNEL = `
const Deno = Object.create(globalThis.Deno, { jupyter: { value: {
  display: (what: unknown) => Promise.resolve(void what),
  ...Object.fromEntries(["svg", "html", "md", "image"].map((kind) =>
    [kind, (...parts: readonly unknown[]) => ({ kind, parts })])),
} } }) as typeof globalThis.Deno;`;

/** What {@link runNotebook} tells. */
export interface NotebookRun {
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

const textOf = ({ source }: Cell): string => typeof source === "string" ? source : source.join("");

const parse = (text: string): readonly Cell[] =>
  (JSON.parse(text) as { readonly cells: readonly Cell[] }).cells;

/**
 * Extracts the code of a notebook.
 *
 * @param text The notebook file.
 * @returns Its code cells from top to bottom.
 */
export function codeCells(text: string): readonly string[] {
  return parse(text).filter(({ cell_type }) => cell_type === "code").map(textOf);
}

/**
 * Finds outputs that are errors.
 *
 * @param text The notebook file.
 * @returns Index of every cell with an error among its outputs.
 */
export function failedCells(text: string): readonly number[] {
  return parse(text).flatMap(({ outputs = [] }, index) =>
    outputs.some(({ output_type }) => output_type === "error") ? [index] : []
  );
}

/**
 * Lists in which order the code cells were executed.
 *
 * @param text The notebook file.
 * @returns The count of every code cell; `null` for one that never ran.
 */
export function executionCounts(text: string): readonly (number | null)[] {
  return parse(text).filter(({ cell_type }) => cell_type === "code")
    .map(({ execution_count = null }) => execution_count);
}

/**
 * Writes the code cells as one module.
 *
 * @param cells Code, in order.
 * @returns A module; imports may stand in any cell.
 */
export function notebookModule(cells: readonly string[]): string {
  const parts = cells.map((cell, index) => `// cell ${index + 1}\n${cell}\n;`);
  return [KERNEL, ...parts, "export {};", ""].join("\n");
}

/**
 * Runs a notebook from its own folder, as the kernel does.
 *
 * @param options.typesOnly Whether its types are checked and nothing runs.
 * @returns Whether it ran to its end, and what it printed.
 */
export async function runNotebook(
  path: string,
  { typesOnly = false }: { readonly typesOnly?: boolean } = {},
): Promise<NotebookRun> {
  const folder = dirname(path);
  const module = join(folder, `.${basename(path, ".ipynb")}.${crypto.randomUUID().slice(0, 8)}.ts`);
  await Deno.writeTextFile(module, notebookModule(codeCells(await Deno.readTextFile(path))));
  const started = performance.now();
  try {
    const command = new Deno.Command(Deno.execPath(), {
      args: [...(typesOnly ? ["check"] : ["run", "-A", "--check"]), basename(module)],
      cwd: folder,
      env: { NO_COLOR: "1" },
    });
    const { success, stdout, stderr } = await command.output();
    const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    return { ok: success, output, seconds: (performance.now() - started) / 1000 };
  } finally {
    await Deno.remove(module);
  }
}

async function allNotebooks(): Promise<readonly string[]> {
  const folder = fileURLToPath(new URL("../notebooks", import.meta.url));
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).filter((name) => name.endsWith(".ipynb")).sort()
    .map((name) => join(folder, name));
}

if (import.meta.main) {
  const paths = Deno.args.length > 0 ? Deno.args : await allNotebooks();
  let failures = 0;
  for (const path of paths) {
    const { ok, output, seconds } = await runNotebook(path);
    console.log(`${ok ? "ok    " : "FAILED"} ${basename(path)} (${seconds.toFixed(0)} s)`);
    if (!ok) console.log(output);
    failures += ok ? 0 : 1;
  }
  if (failures > 0) Deno.exit(1);
}
