import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { updateMetricNames } from "../lib/training/update_metrics.ts";
import { TRAINING } from "../lib/method/settings.ts";
import { loadConfig } from "../lib/config/load.ts";
import { liveFiles } from "../lib/run/live.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => Deno.readTextFileSync(join(root, path));
const pages = [
  "README.md",
  ...[...Deno.readDirSync(join(root, "docs"))].map(({ name }) => `docs/${name}`)
    .filter((name) => name.endsWith(".md")).sort(),
];

const exists = (path: string): boolean => {
  try {
    Deno.statSync(join(root, path));
    return true;
  } catch {
    return false;
  }
};

/** Names in the first column of the tables of a page, as code. */
const firstColumn = (text: string): readonly string[] =>
  [...text.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] as string);

/** Files that a page names as code: `lib/…ts`, `tests/…ts`. */
const filesNamed = (text: string): readonly string[] =>
  [...text.matchAll(/`((?:lib|lab|tests|pipelines|tools|configs)\/[\w./-]+\.\w+)`/g)].map((match) =>
    match[1] as string
  );

describe("docs", () => {
  it("metrics.md explains every metric of an update, in the order of the log, and no other", () => {
    assert.deepEqual(
      [...firstColumn(read("docs/metrics.md"))].sort(),
      [...updateMetricNames(["<name>"])].sort(),
    );
  });

  it("links lead to files of the project", () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)]
        .map((match) => join(dirname(page), match[1] as string))
        .filter((target) => target !== "docs/results.md" && !exists(target))
        .map((target) => `${page}: ${target}`)
    );
    assert.deepEqual(broken, []);
  });

  it("files that are named exist", () => {
    const missing = pages.flatMap((page) =>
      filesNamed(read(page)).filter((path) => !exists(path)).map((path) => `${page}: ${path}`)
    );
    assert.deepEqual(missing, []);
  });

  it("paper-index.md and implementation-details.md name files at all", () => {
    for (const page of ["docs/paper-index.md", "docs/implementation-details.md"]) {
      assert.ok(filesNamed(read(page)).length > 20, page);
    }
  });

  it("commands that are named are tasks", () => {
    const { tasks } = JSON.parse(read("deno.json")) as { readonly tasks: Readonly<Record<string, unknown>> };
    const unknown = pages.flatMap((page) =>
      [...read(page).matchAll(/(?:deno|deno@2\.9\.6) task ([a-z][\w:-]*)/g)]
        .map((match) => match[1] as string).filter((name) => !(name in tasks))
        .map((name) => `${page}: ${name}`)
    );
    assert.deepEqual(unknown, []);
  });

  it("settings that README and tutorial set are accepted", async () => {
    for (const page of ["README.md", "docs/tutorial.md"]) {
      const overrides = [...read(page).matchAll(/--set ([a-z_.]+=[\w./-]+)/g)]
        .map((match) => match[1] as string).filter((each) => each !== "key=value");
      assert.ok(overrides.length > 0, page);
      const outcome = await loadConfig(TRAINING, { overrides })({ files: liveFiles() })();
      assert.ok(outcome._tag === "Right", page + JSON.stringify(outcome));
    }
  });
});
