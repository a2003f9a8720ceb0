import { describe, it } from "@std/testing/bdd";
import * as E from "fp-ts/lib/Either.js";
import assert from "node:assert/strict";
import { textIfThere } from "../../lib/core/text_file.ts";
import { memoryFiles } from "../support/files.ts";

describe("textIfThere()", () => {
  it("reads a file, and nothing where there is none", async () => {
    const files = memoryFiles({ "a/b.txt": new TextEncoder().encode("words") });
    assert.deepEqual(await textIfThere(files, "a/b.txt")(), E.right("words"));
    assert.deepEqual(await textIfThere(files, "a/c.txt")(), E.right(""));
  });
});
