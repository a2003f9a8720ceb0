import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { runTask } from "../support/command.ts";

const list = await runTask("bench", "--help");
const names = [...list.out.matchAll(/^ {2}(\S+) /gm)].map(([, name]) => name as string);

describe("deno task bench", () => {
  it("lists its measurements", () => {
    assert.equal(list.code, 0, list.error);
    assert.ok(names.includes("update") && names.includes("full-size"), list.out);
  });

  for (const name of names) {
    it(`${name} --help explains itself and measures nothing`, async () => {
      const { code, out, error } = await runTask("bench", name, "--help");
      assert.equal(code, 0, error);
      assert.match(out, /^bench [\w-]+: .+\n\nusage: deno task bench /);
    });
  }

  it("names what there is instead of an unknown one", async () => {
    const { code, error } = await runTask("bench", "updates");
    assert.equal(code, 2);
    for (const name of names) assert.ok(error.includes(name), error);
  });
});
