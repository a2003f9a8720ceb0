import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => Deno.readTextFileSync(join(root, path));

/** The numbered entries of the page. */
const entries = read("docs/implementation-details.md").split(/\n(?=\d+\. )/).slice(1);

/** Files and names of the tests that an entry ends with. */
const testsOf = (entry: string): readonly (readonly [string, string])[] =>
  [...entry.matchAll(/`(tests\/[\w/]+_test\.ts)`: “([^”]+)”/g)].map((
    [, file = "", name = ""],
  ) => [file, name]);

describe("docs/implementation-details.md", () => {
  it("numbers its entries without a gap", () => {
    assert.deepEqual(entries.map((entry) => parseInt(entry)), entries.map((_, index) => index + 1));
  });

  it("ends every entry with a test that exists, by file and name", () => {
    const without = entries.filter((entry) => testsOf(entry).length === 0).map((entry) => parseInt(entry));
    assert.deepEqual(without, []);
    const missing = entries.flatMap(testsOf).filter(([file, name]) => !read(file).includes(name));
    assert.deepEqual(missing, []);
  });
});
