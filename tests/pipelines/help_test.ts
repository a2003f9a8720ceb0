import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { ROOT } from "../support/command.ts";

const names = [...Deno.readDirSync(join(ROOT, "pipelines"))].map(({ name }) => name).filter((name) =>
  name.endsWith(".ts")
);
const deno = async (command: "run" | "info", ...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [command, "--node-modules-dir=none", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
};

interface ModuleGraph {
  readonly roots: readonly string[];
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly isDynamic?: boolean;
      /** Absent: only types are imported. */
      readonly code?: { readonly specifier: string };
    }[];
  }[];
}

/** What is loaded before the first line runs: everything but types and dynamic imports. */
function loadedAtStart({ roots, modules }: ModuleGraph): ReadonlySet<string> {
  const dependencies = new Map(modules.map((module) => [module.specifier, module.dependencies ?? []]));
  const loaded = new Set(roots);
  for (const module of loaded) {
    for (const { isDynamic, code } of dependencies.get(module) ?? []) {
      if (isDynamic !== true && code !== undefined) loaded.add(code.specifier);
    }
  }
  return loaded;
}

describe("pipelines", () => {
  for (const name of names) {
    it(`${name} --help explains itself and needs no more than reading`, async () => {
      const text = await deno(
        "run",
        "--no-check",
        "--no-prompt",
        "-P=files",
        join("pipelines", name),
        "--help",
      );
      assert.match(text, /^[\w-]+: .+\n\nusage: deno task /);
    });

    it(`${name} starts without the heavy packages: they are behind dynamic imports`, async () => {
      const loaded = loadedAtStart(JSON.parse(await deno("info", "--json", join("pipelines", name))));
      assert.ok([...loaded].some((module) => module.startsWith("npm:")), "packages are seen at all");
      const heavy = /^npm:\/?(?:@tensorflow|@jsquash|vega|jpeg-js|pngjs)/;
      assert.deepEqual([...loaded].filter((module) => heavy.test(module)), []);
    });
  }
});
